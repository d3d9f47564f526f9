//! Which of the real names did somebody mean?

/// At most this many are offered.
const OFFERED: usize = 3;
/// Longer names are not compared: no class has one, and whoever writes claims could write megabytes.
const LONGEST: usize = 253;

/// Names that differ from what was typed by a slip or an ending, the nearest first.
pub fn near<'a>(typed: &str, names: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    if typed.len() > LONGEST {
        return Vec::new();
    }
    let typed = typed.to_lowercase();
    // A name of four letters allows one slip, one of eight two.
    let slips = 1 + typed.chars().count() / 5;
    let mut found: Vec<_> = names
        .filter_map(|name| {
            let slips_made = distance(&typed, &name.to_lowercase());
            let is_ending = typed.len() >= 3 && (name.starts_with(&typed) || (name.len() >= 3 && typed.starts_with(name)));
            (slips_made <= slips || is_ending).then_some((slips_made, name))
        })
        .collect();
    found.sort_unstable();
    found.into_iter().take(OFFERED).map(|(_, name)| name).collect()
}

/// How many letters must be added, left out or replaced (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, left) in a.chars().enumerate() {
        let mut diagonal = i;
        let mut before = i + 1;
        for (right, cell) in b.iter().zip(row.iter_mut().skip(1)) {
            let above = *cell;
            let here = (diagonal + usize::from(left != *right)).min(above + 1).min(before + 1);
            (diagonal, before) = (above, here);
            *cell = here;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_count_single_letters() {
        for (a, b, slips) in
            [("", "", 0), ("a", "", 1), ("", "abc", 3), ("kitten", "sitting", 3), ("standart", "standard", 1), ("flaw", "lawn", 2)]
        {
            assert_eq!(distance(a, b), slips, "{a} {b}");
            assert_eq!(distance(b, a), slips, "{b} {a}");
        }
    }

    #[test]
    fn a_slip_and_an_ending_are_near_and_another_word_is_not() {
        let names = || ["standard", "standard-rwo", "shared", "fast-ssd"].into_iter();
        assert_eq!(near("standart", names()), ["standard"]);
        assert_eq!(near("Standard", names()), ["standard", "standard-rwo"]);
        assert_eq!(near("fast", names()), ["fast-ssd"]);
        assert_eq!(near("share", names()), ["shared"]);
        assert!(near("premium", names()).is_empty());
        assert!(near(&"x".repeat(1_000_000), names()).is_empty());
        assert!(near("", names()).is_empty());
    }
}
