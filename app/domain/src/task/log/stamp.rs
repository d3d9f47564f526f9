//! When was a line written? To the nanosecond, so that whoever comes back goes on exactly behind the last line.

use std::{fmt, str::FromStr};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stamp {
    /// Since 1970.
    pub seconds: i64,
    pub nanos: u32,
}

impl Stamp {
    /// The next moment.
    pub fn next(self) -> Self {
        match self.nanos {
            999_999_999 => Self { seconds: self.seconds + 1, nanos: 0 },
            nanos => Self { nanos: nanos + 1, ..self },
        }
    }

    /// `2026-03-21T14:02:07.123456789Z`.
    pub fn written(self) -> String {
        let date = crate::text::machine_date(self.seconds);
        format!("{}.{:09}Z", date.trim_end_matches('Z'), self.nanos)
    }

    /// As the kubelet writes it before a line: `2026-03-21T14:02:07.123456789Z`, or with an offset (RFC 3339).
    pub fn rfc3339(text: &str) -> Option<Self> {
        let (date, time) = text.split_once('T')?;
        let mut parts = date.splitn(3, '-').map(digits);
        let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
        let zone = time.find(['Z', '+', '-'])?;
        let (clock, zone) = time.split_at(zone);
        let (clock, fraction) = clock.split_once('.').unwrap_or((clock, ""));
        let mut parts = clock.splitn(3, ':').map(digits);
        let (hour, minute, second) = (parts.next()??, parts.next()??, parts.next()??);
        let offset = match zone.split_at_checked(1)? {
            ("Z", "") => 0,
            (sign, rest) => {
                let (hours, minutes) = rest.split_once(':')?;
                let minutes = digits(hours)?.checked_mul(60)?.checked_add(digits(minutes)?)?;
                if sign == "-" { -minutes * 60 } else { minutes * 60 }
            }
        };
        let padded: String = fraction.chars().chain("000000000".chars()).take(9).collect();
        let in_range = (1..=12).contains(&month) && (1..=31).contains(&day) && hour < 24 && minute < 60 && second < 61 && year < 10_000;
        let nanos = u32::try_from(digits(&padded)?).ok().filter(|_| in_range)?;
        Some(Self { seconds: days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second - offset, nanos })
    }
}

fn digits(text: &str) -> Option<i64> {
    (!text.is_empty() && text.len() <= 9 && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok())?
}

/// Days since 1970 of a date, in eras of 400 years that begin on 1 March (the inverse of `text::civil`).
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// `1774101727.500000000`; reads back.
impl fmt::Display for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:09}", self.seconds, self.nanos)
    }
}

impl FromStr for Stamp {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        let (seconds, nanos) = text.split_once('.').ok_or(())?;
        let nanos = (nanos.len() == 9).then(|| digits(nanos)).flatten().and_then(|nanos| u32::try_from(nanos).ok()).ok_or(())?;
        Ok(Self { seconds: seconds.parse().map_err(|_| ())?, nanos })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn stamps_are_read_as_the_kubelet_writes_them_and_sort_by_time() {
        let read = |text: &str| Stamp::rfc3339(text).map(|stamp| stamp.to_string());
        assert_eq!(read("2026-03-21T14:02:07.1Z").as_deref(), Some("1774101727.100000000"));
        assert_eq!(read("2026-03-21T14:02:07Z").as_deref(), Some("1774101727.000000000"));
        assert_eq!(read("2026-03-21T15:02:07.000000001+01:00").as_deref(), Some("1774101727.000000001"));
        assert!(Stamp::rfc3339("2026-03-21T14:02:07.1Z") < Stamp::rfc3339("2026-03-21T14:02:07.12Z"));
        for bad in [
            "",
            "now",
            "2026-03-21",
            "2026-13-21T14:02:07Z",
            "2026-03-21T14:02Z",
            "2026-03-21T14:02:07",
            "-1-03-21T14:02:07Z",
            "2026-03-21T14:02:07.xZ",
        ] {
            assert_eq!(read(bad), None, "{bad}");
        }
        for bad in ["", "1", "1.5", "1.0000000000", "x.000000000"] {
            assert!(bad.parse::<Stamp>().is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn a_stamp_is_the_date_that_is_written_of_it(seconds in 0i64..4_000_000_000, nanos in 0u32..1_000_000_000) {
            let stamp = Stamp { seconds, nanos };
            prop_assert_eq!(stamp.to_string().parse(), Ok(stamp));
            prop_assert_eq!(Stamp::rfc3339(&stamp.written()), Some(stamp));
            prop_assert!(stamp < stamp.next());
            let date = crate::text::machine_date(seconds);
            prop_assert_eq!(Stamp::rfc3339(&date), Some(Stamp { seconds, nanos: 0 }));
        }
    }
}
