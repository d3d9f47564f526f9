//! How much may one person have at a time? From the configuration, the same for everybody; administrators are people too.

use crate::quantity::Size;
use std::ops::Add;

/// What a person has, or asks for. A task counts until it is over, a volume until it is gone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Amounts {
    pub tasks: u64,
    /// Of all pods that run at the same time.
    pub gpus: u64,
    pub volumes: u64,
    /// Of all volumes together.
    pub bytes: u64,
}

impl Add for Amounts {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            tasks: self.tasks.saturating_add(other.tasks),
            gpus: self.gpus.saturating_add(other.gpus),
            volumes: self.volumes.saturating_add(other.volumes),
            bytes: self.bytes.saturating_add(other.bytes),
        }
    }
}

/// The most that one person may have; `None` where nothing limits it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PerPerson {
    pub tasks: Option<u64>,
    pub gpus: Option<u64>,
    pub volumes: Option<u64>,
    pub size: Option<Size>,
}

/// Which limit is in the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Tasks,
    Gpus,
    Volumes,
    Size,
}

/// Why somebody cannot have more, with numbers and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beyond {
    pub kind: Kind,
    pub sentence: String,
}

impl PerPerson {
    pub fn limits_tasks(&self) -> bool {
        self.tasks.is_some() || self.gpus.is_some()
    }

    pub fn limits_volumes(&self) -> bool {
        self.volumes.is_some() || self.size.is_some()
    }

    /// Whether anything is limited at all.
    pub fn is_any(&self) -> bool {
        self.limits_tasks() || self.limits_volumes()
    }

    /// Every limit that whoever has this much would pass with so much more. Who is beyond one already may still have what does not
    /// count against it.
    pub fn refuses(&self, has: Amounts, more: Amounts) -> Vec<Beyond> {
        let all = has + more;
        let passes = |limit: Option<u64>, more: u64, all: u64| limit.filter(|limit| more > 0 && all > *limit);
        let beyond = |kind, sentence| Beyond { kind, sentence };
        let found = [
            passes(self.tasks, more.tasks, all.tasks).map(|limit| beyond(Kind::Tasks, of_tasks(has.tasks, limit))),
            passes(self.gpus, more.gpus, all.gpus).map(|limit| beyond(Kind::Gpus, of_gpus(has.gpus, more.gpus, limit))),
            passes(self.volumes, more.volumes, all.volumes)
                .map(|limit| beyond(Kind::Volumes, of_volumes(has.volumes, more.volumes, limit))),
            passes(self.size.map(Size::bytes), more.bytes, all.bytes)
                .map(|limit| beyond(Kind::Size, of_size(has.bytes, more.bytes, limit))),
        ];
        found.into_iter().flatten().collect()
    }

    /// `3 of 5 running tasks, 2 of 8 GPUs`; `None` if neither is limited.
    pub fn tasks_in_words(&self, has: Amounts) -> Option<String> {
        let tasks = self.tasks.map(|limit| format!("{} of {limit} running {}", has.tasks, plural(limit, "task")));
        let gpus = self.gpus.map(|limit| format!("{} of {limit} {}", has.gpus, plural(limit, "GPU")));
        joined([tasks, gpus])
    }

    /// `2 of 5 volumes, 12 Gi of 20 Gi`; `None` if neither is limited.
    pub fn volumes_in_words(&self, has: Amounts) -> Option<String> {
        let volumes = self.volumes.map(|limit| format!("{} of {limit} {}", has.volumes, plural(limit, "volume")));
        let size = self.size.map(|limit| format!("{} of {}", rounded(has.bytes), limit.rounded()));
        joined([volumes, size])
    }
}

fn joined(parts: [Option<String>; 2]) -> Option<String> {
    let parts: Vec<_> = parts.into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

fn plural(number: u64, noun: &str) -> String {
    if number == 1 { noun.to_owned() } else { format!("{noun}s") }
}

fn rounded(bytes: u64) -> String {
    if bytes == 0 { "0 Gi".to_owned() } else { Size::from_bytes(bytes).rounded() }
}

fn of_tasks(has: u64, limit: u64) -> String {
    format!(
        "You have {has} of {limit} running {}. Stop one that is not needed, or wait until one has ended. One that is stopping counts until \
         its pods have ended.",
        plural(limit, "task")
    )
}

fn of_gpus(has: u64, more: u64, limit: u64) -> String {
    let (asked, of) = (format!("{more} {}", plural(more, "GPU")), plural(limit, "GPU"));
    if more > limit {
        return format!("It asks for {asked} at the same time, and one person may have {limit}. Ask for fewer, or ask an administrator.");
    }
    let fewer = match limit.saturating_sub(has) {
        0 => String::new(),
        left => format!("Ask for at most {left}, or "),
    };
    let stop = if fewer.is_empty() { "Stop" } else { "stop" };
    format!(
        "Your running tasks have {has} of {limit} {of}, and it asks for {asked}. {fewer}{stop} a task that has some, or wait until one has ended."
    )
}

fn of_volumes(has: u64, more: u64, limit: u64) -> String {
    let asked = if more == 1 { String::new() } else { format!(", and {more} more are asked for") };
    format!(
        "You have {has} of {limit} {}{asked}. Delete one that is not needed, or ask an administrator. One that is being deleted counts \
         until it is gone.",
        plural(limit, "volume")
    )
}

fn of_size(has: u64, more: u64, limit: u64) -> String {
    let left = limit.saturating_sub(has);
    let left = if left == 0 { "nothing is left".to_owned() } else { format!("{} are left", rounded(left)) };
    format!(
        "Your volumes have {} of {}, so {left}, and {} more are asked for. Enter less, delete a volume that is not needed, or ask an \
         administrator.",
        rounded(has),
        rounded(limit),
        rounded(more)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const GI: u64 = 1 << 30;

    fn limits() -> PerPerson {
        PerPerson { tasks: Some(5), gpus: Some(8), volumes: Some(3), size: Some(Size::from_bytes(20 * GI)) }
    }

    fn told(has: Amounts, more: Amounts) -> Vec<(Kind, String)> {
        limits().refuses(has, more).into_iter().map(|beyond| (beyond.kind, beyond.sentence)).collect()
    }

    #[test]
    fn what_fits_exactly_is_taken_and_one_more_is_refused_with_numbers() {
        let task = |gpus| Amounts { tasks: 1, gpus, ..Amounts::default() };
        let has = |tasks, gpus| Amounts { tasks, gpus, ..Amounts::default() };
        assert_eq!(told(has(4, 4), task(4)), []);
        let both = told(has(5, 6), task(4));
        assert_eq!(both.iter().map(|(kind, _)| *kind).collect::<Vec<_>>(), [Kind::Tasks, Kind::Gpus]);
        assert!(both[0].1.starts_with("You have 5 of 5 running tasks. Stop one"), "{both:?}");
        assert!(both[1].1.contains("have 6 of 8 GPUs, and it asks for 4 GPUs. Ask for at most 2, or stop"), "{both:?}");
        assert!(told(has(0, 8), task(1))[0].1.contains("it asks for 1 GPU. Stop a task"));
        assert!(told(has(0, 0), task(9))[0].1.starts_with("It asks for 9 GPUs at the same time, and one person may have 8."));
        let volume = |bytes| Amounts { volumes: 1, bytes, ..Amounts::default() };
        assert_eq!(told(Amounts { volumes: 2, bytes: 12 * GI, ..Amounts::default() }, volume(8 * GI)), []);
        let both = told(Amounts { volumes: 3, bytes: 12 * GI, ..Amounts::default() }, volume(9 * GI));
        assert!(both[0].1.starts_with("You have 3 of 3 volumes. Delete one"), "{both:?}");
        assert!(both[1].1.starts_with("Your volumes have 12 Gi of 20 Gi, so 8 Gi are left, and 9 Gi more are asked for."), "{both:?}");
    }

    #[test]
    fn whoever_is_beyond_a_limit_may_still_have_what_does_not_count_against_it() {
        let beyond = Amounts { tasks: 9, gpus: 99, volumes: 9, bytes: 99 * GI };
        assert_eq!(told(beyond, Amounts::default()), []);
        let without_gpus = PerPerson { tasks: None, ..limits() };
        assert_eq!(without_gpus.refuses(beyond, Amounts { tasks: 1, ..Amounts::default() }), []);
        assert!(told(beyond, Amounts { bytes: 1, ..Amounts::default() })[0].1.contains("so nothing is left"));
        assert_eq!(PerPerson::default().refuses(beyond, Amounts { tasks: u64::MAX, gpus: 1, volumes: 1, bytes: u64::MAX }), []);
    }

    #[test]
    fn what_is_taken_is_told_only_where_there_is_a_limit() {
        let has = Amounts { tasks: 3, gpus: 0, volumes: 1, bytes: 12 * GI };
        assert_eq!(limits().tasks_in_words(has).unwrap(), "3 of 5 running tasks, 0 of 8 GPUs");
        assert_eq!(limits().volumes_in_words(has).unwrap(), "1 of 3 volumes, 12 Gi of 20 Gi");
        let one = PerPerson { tasks: Some(1), ..PerPerson::default() };
        assert_eq!((one.tasks_in_words(has).unwrap().as_str(), one.volumes_in_words(has)), ("3 of 1 running task", None));
    }
}
