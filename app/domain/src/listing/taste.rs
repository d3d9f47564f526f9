//! How does somebody like their lists? The columns, the rows per page and the density, as one word that a browser keeps.

use super::{Column, offered};

/// The part of a view that is a matter of taste. What somebody looks for (filter, order, page) is not in it: that is in addresses
/// only, so that a list that was left comes back whole, never narrowed by what was looked for last week.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taste {
    /// In the order of [`Column::ALL`]; the name is always there.
    pub columns: Vec<Column>,
    pub per_page: usize,
    pub compact: bool,
}

impl Taste {
    pub const PER_PAGE: [usize; 3] = [25, 50, 100];

    pub fn usual(everybody: bool) -> Self {
        Self { columns: offered(everybody, &Column::USUAL), per_page: 50, compact: false }
    }

    /// `name.size.age:25:compact`, of characters that a cookie may hold (RFC 6265, 4.1.1).
    pub fn word(&self) -> String {
        let columns: Vec<_> = self.columns.iter().map(|column| column.word()).collect();
        format!("{}:{}:{}", columns.join("."), self.per_page, self.density())
    }

    /// Its word in addresses.
    pub fn density(&self) -> &'static str {
        if self.compact { "compact" } else { "comfortable" }
    }

    /// Exactly what [`Taste::word`] writes for this list, and nothing else: a browser may send anything.
    pub fn of(everybody: bool, word: &str) -> Option<Self> {
        let mut parts = word.split(':');
        let columns: Vec<_> = parts.next()?.split('.').map(Column::of).collect::<Option<_>>()?;
        let per_page = parts.next()?.parse().ok().filter(|n| Self::PER_PAGE.contains(n))?;
        let taste = Self { columns: offered(everybody, &columns), per_page, compact: parts.next()? == "compact" };
        (taste.columns.contains(&Column::Name) && taste.word() == word).then_some(taste)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_word_that_nobody_wrote_is_no_taste() {
        let good = "name.size.age:25:compact";
        assert_eq!(Taste::of(false, good).unwrap().columns, [Column::Name, Column::Size, Column::Age]);
        for odd in [
            "",
            "::",
            "name",
            "name:25",
            "name:25:compact:",
            "name:25:huge",
            "name:7:compact",
            "name:025:compact",
            "name:+25:compact",
            "size:25:compact",
            "name.colour:25:compact",
            "name.name:25:compact",
            "age.name:25:compact",
            "name.:25:compact",
            "Name:25:compact",
            " name:25:compact",
            "name.owner:25:compact",
        ] {
            assert_eq!(Taste::of(false, odd), None, "{odd}");
        }
        assert!(Taste::of(true, "name.owner:25:compact").is_some(), "owners are told in everybody's list only");
    }

    proptest! {
        #[test]
        fn a_taste_reads_back_from_its_word_and_fits_into_a_cookie(columns in 0usize..16384, per in 0usize..3, compact: bool, everybody: bool) {
            let chosen: Vec<_> = Column::ALL.into_iter().enumerate().filter(|(n, column)| columns & (1 << n) != 0 || *column == Column::Name).map(|(_, column)| column).collect();
            let taste = Taste { columns: offered(everybody, &chosen), per_page: Taste::PER_PAGE[per], compact };
            let word = taste.word();
            prop_assert!(word.len() < 128 && word.bytes().all(|b| b.is_ascii_alphanumeric() || b"-.:".contains(&b)), "{}", word);
            prop_assert_eq!(Taste::of(everybody, &word), Some(taste));
        }

        #[test]
        fn no_word_is_too_odd_to_be_refused(word in ".{0,200}") {
            prop_assert!(Taste::of(true, &word).is_none_or(|taste| taste.word() == word));
        }
    }
}
