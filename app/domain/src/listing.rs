//! Which volumes are on the page of a list, in which order, and with which columns? What the address says, made whole.
//!
//! An address says all that is not usual, so that sharing it shares the view. What it leaves out of columns, rows per page and
//! density is as the browser remembers it ([`Taste`]): a bare address is the list as its reader likes it. Only the form for these
//! three is remembered, never an address, since a link that somebody sent must not change how one's own lists look.

mod arrange;
mod column;
mod listed;
mod taste;

use crate::filter::Filter;
pub use arrange::{Facet, Listing, arrange};
pub use column::{Column, Sort};
pub use listed::Listed;
pub use taste::Taste;

/// How a list is looked at. Whatever the address says that means nothing is left at what is usual, or remembered.
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
    /// What holds where the address says nothing.
    pub remembered: Taste,
    /// Whether the list is everybody's.
    pub everybody: bool,
}

impl View {
    pub fn usual(everybody: bool) -> Self {
        Self::bare(everybody, Taste::usual(everybody))
    }

    /// What a bare address shows.
    fn bare(everybody: bool, remembered: Taste) -> Self {
        let Taste { columns, per_page, compact } = remembered.clone();
        Self { q: String::new(), find: String::new(), sort: Sort::USUAL, page: 1, per_page, columns, compact, remembered, everybody }
    }

    /// From the pairs of an address: `q` and `find` (the filter), `sort`, `page`, `per`, `columns`
    /// (`details` for all, or words with commas; or several times) and `density`.
    pub fn read<'a>(everybody: bool, pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        Self::read_over(Taste::usual(everybody), everybody, pairs)
    }

    /// The same for a browser that remembers how its lists are liked.
    pub fn read_over<'a>(remembered: Taste, everybody: bool, pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut view = Self::bare(everybody, remembered);
        let mut columns = Vec::new();
        for (key, value) in pairs {
            match key {
                "q" => value.trim().clone_into(&mut view.q),
                "find" => value.trim().clone_into(&mut view.find),
                "sort" => view.sort = Sort::of(value).filter(|sort| everybody || sort.by != Column::Owner).unwrap_or(Sort::USUAL),
                "page" => view.page = value.parse().unwrap_or(1).max(1),
                "per" => {
                    let wanted = value.parse().ok();
                    view.per_page = Taste::PER_PAGE.into_iter().find(|n| Some(*n) == wanted).unwrap_or(view.per_page);
                }
                "columns" if value == "details" => columns.extend(Column::ALL),
                "columns" => columns.extend(value.split(',').filter_map(Column::of)),
                "density" if value == "compact" => view.compact = true,
                "density" if value == "comfortable" => view.compact = false,
                _ => {}
            }
        }
        if !columns.is_empty() {
            columns.push(Column::Name);
            view.columns = offered(everybody, &columns);
        }
        view
    }

    /// The pairs of its address; what is usual is left out, so that equal views have equal addresses, unless the browser remembers
    /// otherwise.
    pub fn pairs(&self) -> Vec<(&'static str, String)> {
        let usual = Self::usual(self.everybody);
        let taste = self.taste();
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
        if [taste.per_page, self.remembered.per_page] != [usual.per_page; 2] {
            pairs.push(("per", self.per_page.to_string()));
        }
        if [&taste.columns, &self.remembered.columns] != [&usual.columns; 2] {
            let words = || self.columns.iter().map(|column| column.word()).collect::<Vec<_>>().join(",");
            let columns = if self.is_detailed() { "details".to_owned() } else { words() };
            pairs.push(("columns", columns));
        }
        if taste.compact || self.remembered.compact {
            pairs.push(("density", taste.density().to_owned()));
        }
        pairs
    }

    /// What of it a browser may keep.
    pub fn taste(&self) -> Taste {
        Taste { columns: self.columns.clone(), per_page: self.per_page, compact: self.compact }
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
    fn an_address_outweighs_what_is_remembered_and_says_what_would_be_lost_by_it() {
        let taste = Taste::of(false, "name.pvc:25:compact").unwrap();
        let read = |text: &str| View::read_over(taste.clone(), false, text.split('&').filter_map(|pair| pair.split_once('=')));
        let bare = read("q=train");
        assert_eq!((bare.columns.as_slice(), bare.per_page, bare.compact), ([Column::Name, Column::Pvc].as_slice(), 25, true));
        let other = read("columns=name,size&per=100&density=comfortable");
        assert_eq!((other.columns.as_slice(), other.per_page, other.compact), ([Column::Name, Column::Size].as_slice(), 100, false));
        let usual = View { remembered: taste.clone(), ..View::usual(false) };
        assert_eq!(
            usual.pairs().iter().map(|(key, _)| *key).collect::<Vec<_>>(),
            ["per", "columns", "density"],
            "what is usual must be said where something else is remembered"
        );
        for odd in ["per=7", "columns=nonsense", "density=huge", "density="] {
            assert_eq!(read(odd).taste(), taste, "{odd}");
        }
        // To somebody who remembers nothing, the same address shows the same.
        assert_eq!(View::read(false, bare.pairs().iter().map(|(key, value)| (*key, value.as_str()))).taste(), taste);
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
        fn a_view_reads_back_from_its_address(q in "[a-z]{0,5}", sort in 0usize..14, down: bool, page in 1usize..9, per in 0usize..3, columns in 0usize..16384, compact: bool, everybody: bool, other in 0usize..16384, dense: bool) {
            let chosen = |bits: usize| {
                let chosen: Vec<_> = Column::ALL.into_iter().enumerate().filter(|(n, column)| bits & (1 << n) != 0 || *column == Column::Name).map(|(_, column)| column).collect();
                offered(everybody, &chosen)
            };
            let by = Column::ALL[sort];
            let by = if everybody || by != Column::Owner { by } else { Column::Name };
            let remembered = Taste { columns: chosen(other), per_page: Taste::PER_PAGE[(per + other) % 3], compact: dense };
            let view = View { find: q.clone(), q, sort: Sort { by, descending: down }, page, per_page: Taste::PER_PAGE[per], columns: chosen(columns), compact, remembered: remembered.clone(), everybody };
            let pairs = view.pairs();
            prop_assert_eq!(View::read_over(remembered, everybody, pairs.iter().map(|(key, value)| (*key, value.as_str()))), view);
        }
    }
}
