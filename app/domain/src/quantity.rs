//! How large is it, exactly? Sizes are whole bytes; nothing here is a float.

use serde::{Deserialize, Serialize};
use std::fmt;
use thiserror::Error;

/// A size in bytes. Shown and stored in Kubernetes' canonical binary form: `10Gi`, `1536Mi`, `1073741825`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Size(u64);

const BINARY: [(&str, u32); 6] = [("Ei", 60), ("Pi", 50), ("Ti", 40), ("Gi", 30), ("Mi", 20), ("Ki", 10)];
const MEBIBYTE: u64 = 1 << 20;
const GIBIBYTE: u64 = 1 << 30;

/// Why a typed size was not accepted. The text is the sentence for the person who typed it.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SizeError {
    #[error("Enter a size, for example 10Gi.")]
    Empty,
    #[error("Write the size without spaces, for example {0}.")]
    Spaces(String),
    #[error("Write {0}: sizes have the units Mi, Gi and Ti (1 Gi is 1024 Mi).")]
    Unit(String),
    #[error("A size is a number and a unit: 500Mi, 10Gi, 1.5Ti, or plain bytes.")]
    Grammar,
    #[error("This is not a whole number of bytes. Use fewer decimals, for example 1.5Gi.")]
    NotWhole,
    #[error("The smallest size is 1Mi.")]
    TooSmall,
    #[error("The largest size that the cluster can write down is 7Ei.")]
    TooLarge,
}

/// A size as a person typed it: the value, and whether `MB`, `GB` or `TB` was read as the binary unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Typed {
    pub size: Size,
    pub read_as_binary: bool,
}

impl Size {
    /// More than this is no size of anything.
    pub const LARGEST: Self = Self(7 << 60);

    pub const fn from_bytes(bytes: u64) -> Self {
        Self(bytes)
    }

    pub const fn bytes(self) -> u64 {
        self.0
    }

    /// Reads what a person typed: `500Mi`, `10Gi`, `1.5Ti`, plain bytes, and `MB` `GB` `TB` as binary units.
    pub fn typed(text: &str) -> Result<Typed, SizeError> {
        if text.trim().is_empty() {
            return Err(SizeError::Empty);
        }
        if text.contains(char::is_whitespace) {
            let joined: String = text.split_whitespace().collect();
            return Err(match Self::typed(&joined) {
                Ok(_) => SizeError::Spaces(joined),
                Err(error) => error,
            });
        }
        let split = text.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(text.len());
        let (number, unit) = text.split_at(split);
        let (shift, read_as_binary) = match unit {
            "" => (0, false),
            "MB" => (20, true),
            "GB" => (30, true),
            "TB" => (40, true),
            _ => match BINARY.iter().find(|(name, _)| *name == unit) {
                Some((_, shift)) => (*shift, false),
                None => return Err(unknown_unit(number, unit)),
            },
        };
        let size = Self(scaled(number, shift)?);
        if size.0 < MEBIBYTE {
            return Err(SizeError::TooSmall);
        }
        Ok(Typed { size, read_as_binary })
    }

    /// Reads a quantity as the API server writes it, rounding up to whole bytes
    /// (`resource.Quantity` of apimachinery: binary and decimal suffixes, exponents, `m`). `None` if it is not one.
    pub fn from_kubernetes(text: &str) -> Option<Self> {
        let split = text.find(|c: char| !(c.is_ascii_digit() || c == '.' || c == '+')).unwrap_or(text.len());
        let (number, suffix) = text.split_at(split);
        let number = number.strip_prefix('+').unwrap_or(number);
        if let Some((_, shift)) = BINARY.iter().find(|(name, _)| *name == suffix) {
            return rounded_up(number, 1u128 << shift, 0).map(Self);
        }
        let exponent = match suffix {
            "" => 0,
            "n" => -9,
            "u" => -6,
            "m" => -3,
            "k" => 3,
            "M" => 6,
            "G" => 9,
            "T" => 12,
            "P" => 15,
            "E" => 18,
            _ => suffix.strip_prefix(['e', 'E'])?.parse::<i32>().ok()?,
        };
        rounded_up(number, 1, exponent).map(Self)
    }

    /// The size to ask for when this much data is there: a fifth more, up to the next whole Gi (below one Gi: Mi).
    pub fn with_spare(self) -> Self {
        let more = self.0.saturating_add(self.0.div_ceil(5));
        let step = if more < GIBIBYTE { MEBIBYTE } else { GIBIBYTE };
        Self(more.div_ceil(step).saturating_mul(step))
    }

    /// `10 Gi`, `1.5 Gi`, `512 Mi`: at most one decimal, for reading. The exact value is [`fmt::Display`].
    pub fn rounded(self) -> String {
        for (name, shift) in BINARY {
            let unit = 1u64 << shift;
            if self.0 >= unit {
                let tenths = (u128::from(self.0) * 10 + u128::from(unit) / 2) >> shift;
                let (whole, tenth) = (tenths / 10, tenths % 10);
                return if tenth == 0 { format!("{whole} {name}") } else { format!("{whole}.{tenth} {name}") };
            }
        }
        format!("{} bytes", self.0)
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, shift) in BINARY {
            if self.0 != 0 && self.0.trailing_zeros() >= shift {
                return write!(f, "{}{name}", self.0 >> shift);
            }
        }
        write!(f, "{}", self.0)
    }
}

/// `number * 2^shift`, exact or an error.
fn scaled(number: &str, shift: u32) -> Result<u64, SizeError> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() || number.ends_with('.') || fraction.contains('.') || number.len() > 40 {
        return Err(if number.len() > 40 { SizeError::TooLarge } else { SizeError::Grammar });
    }
    let fraction = fraction.trim_end_matches('0');
    let digits: u128 = format!("{whole}{fraction}").parse().map_err(|_| SizeError::TooLarge)?;
    let ten = 10u128.checked_pow(u32::try_from(fraction.len()).unwrap_or(u32::MAX)).ok_or(SizeError::NotWhole)?;
    let product = digits.checked_mul(1u128 << shift).ok_or(SizeError::TooLarge)?;
    if !product.is_multiple_of(ten) {
        return Err(SizeError::NotWhole);
    }
    let bytes = product / ten;
    // Kubernetes holds quantities as signed 64-bit numbers.
    if bytes > u128::from(Size::LARGEST.0) { Err(SizeError::TooLarge) } else { u64::try_from(bytes).map_err(|_| SizeError::TooLarge) }
}

/// `number * unit * 10^exponent`, rounded up; `None` when it is not a number or does not fit.
fn rounded_up(number: &str, unit: u128, exponent: i32) -> Option<u64> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if (whole.is_empty() && fraction.is_empty()) || fraction.contains('.') || number.contains('+') {
        return None;
    }
    let digits: u128 = format!("{whole}{fraction}").parse().ok()?;
    let power = exponent.checked_sub(i32::try_from(fraction.len()).ok()?)?;
    let product = digits.checked_mul(unit)?;
    let bytes = match u32::try_from(power) {
        Ok(up) => product.checked_mul(10u128.checked_pow(up)?)?,
        Err(_) => match 10u128.checked_pow(power.unsigned_abs()) {
            Some(ten) => product.div_ceil(ten),
            None => u128::from(product > 0),
        },
    };
    u64::try_from(bytes).ok()
}

/// Names the unit that was probably meant, when there is one.
fn unknown_unit(number: &str, unit: &str) -> SizeError {
    let letter = unit.chars().next().map(|c| c.to_ascii_uppercase());
    let known = matches!(
        unit.to_ascii_lowercase().as_str(),
        "k" | "m"
            | "g"
            | "t"
            | "p"
            | "ki"
            | "mi"
            | "gi"
            | "ti"
            | "pi"
            | "kb"
            | "mb"
            | "gb"
            | "tb"
            | "pb"
            | "kib"
            | "mib"
            | "gib"
            | "tib"
            | "pib"
            | "e"
            | "ei"
            | "eb"
            | "eib"
    );
    match letter {
        // `1m` is a thousandth and `1E` may be an exponent: neither is guessed at.
        Some(letter) if known && unit != "m" && !number.is_empty() && scaled(number, 0).is_ok() => {
            SizeError::Unit(format!("{number}{letter}i"))
        }
        _ => SizeError::Grammar,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn accepted_sizes_become_canonical() {
        for (typed, canonical) in [
            ("10Gi", "10Gi"),
            ("500Mi", "500Mi"),
            ("1Ti", "1Ti"),
            ("1.5Gi", "1536Mi"),
            ("1073741824", "1Gi"),
            ("1024Mi", "1Gi"),
            ("1048577", "1048577"),
            ("10GB", "10Gi"),
            ("500MB", "500Mi"),
            ("1TB", "1Ti"),
            ("1.50Gi", "1536Mi"),
            ("7Ei", "7Ei"),
        ] {
            assert_eq!(Size::typed(typed).unwrap().size.to_string(), canonical, "{typed}");
        }
        assert!(Size::typed("10GB").unwrap().read_as_binary);
        assert!(!Size::typed("10Gi").unwrap().read_as_binary);
    }

    #[test]
    fn hostile_sizes_are_refused() {
        let long = "9".repeat(400);
        for typed in [
            "0",
            "-1Gi",
            "1m",
            "0.5",
            "1e3",
            "1E",
            "9999999Ei",
            "10 Gi",
            " 10Gi",
            "１０Gi",
            "10gi",
            "0x10",
            "NaN",
            "1.0000000001Gi",
            long.as_str(),
            "",
            "10G",
            ".5Gi",
            "5.Gi",
            "1.2.3Gi",
            "Gi",
            "8Ei",
            "15Ei",
            "1Mi\0",
        ] {
            assert!(Size::typed(typed).is_err(), "{typed}");
        }
    }

    #[test]
    fn a_refusal_names_what_was_probably_meant() {
        assert_eq!(Size::typed("10 Gi"), Err(SizeError::Spaces("10Gi".into())));
        assert_eq!(Size::typed("10gi"), Err(SizeError::Unit("10Gi".into())));
        assert_eq!(Size::typed("1m"), Err(SizeError::Grammar));
    }

    #[test]
    fn kubernetes_quantities_round_up() {
        for (text, bytes) in [
            ("1Gi", 1 << 30),
            ("1k", 1000),
            ("1500m", 2),
            ("1e3", 1000),
            ("1.5Gi", 3 << 29),
            ("100n", 1),
            ("0", 0),
            ("128974848", 128_974_848),
        ] {
            assert_eq!(Size::from_kubernetes(text).map(Size::bytes), Some(bytes), "{text}");
        }
        for text in ["", "Gi", "-1Gi", "1Zi", "1e99", "abc", "."] {
            assert_eq!(Size::from_kubernetes(text), None, "{text}");
        }
    }

    #[test]
    fn reading_form_has_one_decimal_at_most() {
        assert_eq!(Size::from_bytes(3 << 29).rounded(), "1.5 Gi");
        assert_eq!(Size::from_bytes(80 << 30).rounded(), "80 Gi");
        assert_eq!(Size::from_bytes(12).rounded(), "12 bytes");
    }

    #[test]
    fn g0_57_a_fifth_more_than_the_data_needs_in_whole_units() {
        for (data, size) in [("8Gi", "10Gi"), ("10Gi", "12Gi"), ("500Mi", "600Mi"), ("1Ti", "1229Gi"), ("900Mi", "2Gi"), ("1048577", "2Mi")]
        {
            assert_eq!(Size::typed(data).unwrap().size.with_spare().to_string(), size, "{data}");
        }
    }

    proptest! {
        #[test]
        fn there_is_always_a_fifth_to_spare(bytes in MEBIBYTE..(1u64 << 60)) {
            let spare = Size::from_bytes(bytes).with_spare().bytes() - bytes;
            prop_assert!(spare >= bytes / 5 && spare <= bytes / 5 + GIBIBYTE + 1);
        }

        #[test]
        fn canonical_form_reads_back_as_the_same_size(bytes in MEBIBYTE..(7u64 << 60)) {
            let size = Size::from_bytes(bytes);
            prop_assert_eq!(Size::typed(&size.to_string()).unwrap().size, size);
            prop_assert_eq!(Size::from_kubernetes(&size.to_string()), Some(size));
        }

        #[test]
        fn no_text_makes_the_parsers_panic(text in "\\PC{0,50}|[0-9.eEKMGTPimun+-]{0,50}") {
            let _ = Size::typed(&text);
            let _ = Size::from_kubernetes(&text);
        }
    }
}
