//! Which volumes are on the page of a list, in which order, and with which columns? What the address says, made whole.

mod arrange;

use crate::filter::Filter;
pub use arrange::{Facet, Listing, arrange};

/// A property that a list shows in a column and sorts by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Column {
    Name,
    Owner,
    Status,
    Size,
    Class,
    Access,
    UsedBy,
    MountPath,
    Pvc,
    Id,
    Age,
}

impl Column {
    pub const ALL: [Self; 11] = [
        Self::Name,
        Self::Owner,
        Self::Status,
        Self::Size,
        Self::Class,
        Self::Access,
        Self::UsedBy,
        Self::MountPath,
        Self::Pvc,
        Self::Id,
        Self::Age,
    ];
    /// What a list shows unless it is asked for more. The owner stands in the list of everybody's volumes only.
    const USUAL: [Self; 8] = [Self::Name, Self::Owner, Self::Status, Self::Size, Self::Class, Self::Access, Self::UsedBy, Self::Age];

    /// Its word in addresses.
    pub fn word(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Owner => "owner",
            Self::Status => "status",
            Self::Size => "size",
            Self::Class => "class",
            Self::Access => "access",
            Self::UsedBy => "used-by",
            Self::MountPath => "mount-path",
            Self::Pvc => "pvc",
            Self::Id => "id",
            Self::Age => "age",
        }
    }

    pub fn title(self) -> &'static str {
        match self {
            Self::Name => "Name",
            Self::Owner => "Owner",
            Self::Status => "Status",
            Self::Size => "Size",
            Self::Class => "Class",
            Self::Access => "Access",
            Self::UsedBy => "Used by",
            Self::MountPath => "Mount path",
            Self::Pvc => "PVC",
            Self::Id => "Id",
            Self::Age => "Age",
        }
    }

    fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|column| column.word() == word)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sort {
    pub by: Column,
    pub descending: bool,
}

impl Sort {
    const USUAL: Self = Self { by: Column::Name, descending: false };

    /// As in addresses: `size`, or `-size` for the largest first.
    pub fn word(self) -> String {
        format!("{}{}", if self.descending { "-" } else { "" }, self.by.word())
    }

    fn of(word: &str) -> Option<Self> {
        let (descending, word) = word.strip_prefix('-').map_or((false, word), |word| (true, word));
        Some(Self { by: Column::of(word)?, descending })
    }
}

/// How a list is looked at. Whatever the address says that means nothing is left at what is usual.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct View {
    /// The filter as text: what was settled, and what is still being typed.
    pub q: String,
    pub find: String,
    pub sort: Sort,
    /// From 1.
    pub page: usize,
    pub per_page: usize,
    /// In the order of [`Column::ALL`]; the name is always there.
    pub columns: Vec<Column>,
    pub compact: bool,
    /// Whether the list is everybody's.
    pub everybody: bool,
}

impl View {
    pub const PER_PAGE: [usize; 3] = [25, 50, 100];
    const USUALLY_PER_PAGE: usize = 50;

    pub fn usual(everybody: bool) -> Self {
        Self {
            q: String::new(),
            find: String::new(),
            sort: Sort::USUAL,
            page: 1,
            per_page: Self::USUALLY_PER_PAGE,
            columns: offered(everybody, &Column::USUAL),
            compact: false,
            everybody,
        }
    }

    /// From the pairs of an address: `q` and `find` (the filter), `sort`, `page`, `per`, `columns`
    /// (`details` for all, or words with commas; or several times) and `density`.
    pub fn read<'a>(everybody: bool, pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut view = Self::usual(everybody);
        let mut columns = Vec::new();
        for (key, value) in pairs {
            match key {
                "q" => value.trim().clone_into(&mut view.q),
                "find" => value.trim().clone_into(&mut view.find),
                "sort" => view.sort = Sort::of(value).filter(|sort| everybody || sort.by != Column::Owner).unwrap_or(Sort::USUAL),
                "page" => view.page = value.parse().unwrap_or(1).max(1),
                "per" => {
                    let wanted = value.parse().ok();
                    view.per_page = Self::PER_PAGE.into_iter().find(|n| Some(*n) == wanted).unwrap_or(Self::USUALLY_PER_PAGE);
                }
                "columns" if value == "details" => columns.extend(Column::ALL),
                "columns" => columns.extend(value.split(',').filter_map(Column::of)),
                "density" => view.compact = value == "compact",
                _ => {}
            }
        }
        if !columns.is_empty() {
            columns.push(Column::Name);
            view.columns = offered(everybody, &columns);
        }
        view
    }

    /// The pairs of its address; what is usual is left out, so that equal views have equal addresses.
    pub fn pairs(&self) -> Vec<(&'static str, String)> {
        let usual = Self::usual(self.everybody);
        let mut pairs = Vec::new();
        if !self.q.is_empty() {
            pairs.push(("q", self.q.clone()));
        }
        if !self.find.is_empty() {
            pairs.push(("find", self.find.clone()));
        }
        if self.sort != usual.sort {
            pairs.push(("sort", self.sort.word()));
        }
        if self.page != usual.page {
            pairs.push(("page", self.page.to_string()));
        }
        if self.per_page != usual.per_page {
            pairs.push(("per", self.per_page.to_string()));
        }
        if self.columns != usual.columns {
            let words = || self.columns.iter().map(|column| column.word()).collect::<Vec<_>>().join(",");
            let columns = if self.is_detailed() { "details".to_owned() } else { words() };
            pairs.push(("columns", columns));
        }
        if self.compact {
            pairs.push(("density", "compact".to_owned()));
        }
        pairs
    }

    pub fn is_detailed(&self) -> bool {
        self.columns == offered(self.everybody, &Column::ALL)
    }

    pub fn shows(&self, column: Column) -> bool {
        self.columns.contains(&column)
    }

    /// The columns that can be chosen.
    pub fn choices(&self) -> Vec<Column> {
        offered(self.everybody, &Column::ALL)
    }

    /// All that narrows the list.
    pub fn filter(&self) -> Filter {
        Filter::read(&format!("{} {}", self.q, self.find), self.everybody)
    }

    /// The first page of the same with another filter.
    pub fn filtered(&self, filter: &Filter) -> Self {
        Self { q: filter.to_string(), find: String::new(), page: 1, ..self.clone() }
    }

    /// A click on a column's head: sorts by it; a second one turns the order round.
    pub fn sorted(&self, by: Column) -> Self {
        let descending = self.sort.by == by && !self.sort.descending;
        Self { sort: Sort { by, descending }, page: 1, ..self.clone() }
    }

    pub fn at(&self, page: usize) -> Self {
        Self { page, ..self.clone() }
    }
}

fn offered(everybody: bool, columns: &[Column]) -> Vec<Column> {
    Column::ALL.into_iter().filter(|column| columns.contains(column) && (everybody || *column != Column::Owner)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str, everybody: bool) -> View {
        View::read(everybody, text.split('&').filter_map(|pair| pair.split_once('=')))
    }

    #[test]
    fn an_address_says_everything_and_nothing_usual() {
        assert_eq!(View::usual(false).pairs(), []);
        let view = read("q=class:fast&find=train&sort=-size&page=3&per=100&columns=details&density=compact", false);
        assert_eq!((view.q.as_str(), view.find.as_str()), ("class:fast", "train"));
        assert_eq!(view.filter().to_string(), "class:fast train");
        assert_eq!((view.sort, view.page, view.per_page, view.compact), (Sort { by: Column::Size, descending: true }, 3, 100, true));
        assert!(view.shows(Column::Pvc) && !view.shows(Column::Owner));
        assert_eq!(
            view.pairs().iter().map(|(key, _)| *key).collect::<Vec<_>>(),
            ["q", "find", "sort", "page", "per", "columns", "density"]
        );
    }

    #[test]
    fn what_means_nothing_is_left_at_what_is_usual() {
        for odd in [
            "sort=colour",
            "page=0",
            "page=-1",
            "page=x",
            "per=7",
            "per=1000000",
            "columns=nonsense",
            "density=huge",
            "x=y",
            "q=",
            "find= ",
        ] {
            assert_eq!(read(odd, false), View::usual(false), "{odd}");
        }
        assert_eq!(read("sort=owner", false).sort, Sort::USUAL, "owners are not told in one's own list");
        assert_eq!(read("sort=owner", true).sort.by, Column::Owner);
    }

    #[test]
    fn the_name_is_always_a_column() {
        assert_eq!(read("columns=size&columns=pvc,owner", false).columns, [Column::Name, Column::Size, Column::Pvc]);
    }

    #[test]
    fn a_second_click_turns_the_order_round() {
        let once = View::usual(false).sorted(Column::Size);
        assert_eq!((once.sort.word(), once.sorted(Column::Size).sort.word()), ("size".into(), "-size".into()));
        assert_eq!(once.sorted(Column::Size).sorted(Column::Size).sort.word(), "size");
    }

    proptest! {
        #[test]
        fn a_view_reads_back_from_its_address(q in "[a-z]{0,5}", sort in 0usize..11, down: bool, page in 1usize..9, per in 0usize..3, columns in 0usize..2048, compact: bool, everybody: bool) {
            let by = Column::ALL[sort];
            let chosen: Vec<_> = Column::ALL.into_iter().enumerate().filter(|(n, column)| columns & (1 << n) != 0 || *column == Column::Name).map(|(_, column)| column).collect();
            let by = if everybody || by != Column::Owner { by } else { Column::Name };
            let view = View { find: q.clone(), q, sort: Sort { by, descending: down }, page, per_page: View::PER_PAGE[per], columns: offered(everybody, &chosen), compact, everybody };
            let pairs = view.pairs();
            prop_assert_eq!(View::read(everybody, pairs.iter().map(|(key, value)| (*key, value.as_str()))), view);
        }
    }
}
