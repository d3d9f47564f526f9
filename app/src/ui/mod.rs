//! Which small parts do all pages share? They know no feature and read nothing.

#[cfg(feature = "ssr")]
pub mod area;
#[cfg(feature = "ssr")]
pub mod copy;
pub mod icon;
#[cfg(feature = "ssr")]
pub mod shortcuts;
#[cfg(feature = "ssr")]
pub mod time;

pub use icon::icon;

/// `10,000`: thousands are parted.
#[cfg(feature = "ssr")]
pub fn number(n: usize) -> String {
    let digits = n.to_string();
    let parted = digits.char_indices().map(|(at, digit)| {
        let comma = at > 0 && (digits.len() - at).is_multiple_of(3);
        format!("{}{digit}", if comma { "," } else { "" })
    });
    parted.collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn thousands_are_parted() {
        for (n, text) in [(0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(super::number(n), text);
        }
    }
}
