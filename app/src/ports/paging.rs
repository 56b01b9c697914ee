//! Lists a page at a time: a page goes on behind the last row of the one before it, so that what comes or goes
//! meanwhile shifts nothing.

/// How many rows stand on one page.
pub const PAGE: usize = 50;
/// How many of a list that stands beside the one that the page is about.
pub const BESIDE: usize = 10;

/// One page of a list, and what the next one goes on from; absent on the last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paged<T> {
    pub items: Vec<T>,
    pub next: Option<String>,
}

impl<T> Default for Paged<T> {
    fn default() -> Self {
        Self { items: Vec::new(), next: None }
    }
}

impl<T> Paged<T> {
    /// Of rows of which one more than [`PAGE`] was asked for; `cursor` names the last that is shown.
    pub fn of(rows: Vec<T>, cursor: impl FnOnce(&T) -> String) -> Self {
        Self::cut(rows, PAGE, cursor)
    }

    /// The same of a page of another size.
    pub fn cut(mut rows: Vec<T>, size: usize, cursor: impl FnOnce(&T) -> String) -> Self {
        let more = rows.len() > size;
        rows.truncate(size);
        let next = if more { rows.last().map(cursor) } else { None };
        Self { items: rows, next }
    }

    /// A page of a list that is there whole, behind the row that `after` names; from its beginning if there is none.
    pub fn behind(all: Vec<T>, after: Option<&str>, name: impl Fn(&T) -> String) -> Self {
        let last = after.and_then(|after| all.iter().position(|row| name(row) == after));
        let rows = all.into_iter().skip(last.map_or(0, |last| last + 1)).take(PAGE + 1).collect();
        Self::of(rows, name)
    }

    pub fn map<U>(self, one: impl FnMut(T) -> U) -> Paged<U> {
        Paged { items: self.items.into_iter().map(one).collect(), next: self.next }
    }

    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }
}

/// A list that ends here.
impl<T> From<Vec<T>> for Paged<T> {
    fn from(items: Vec<T>) -> Self {
        Self { items, next: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_has_fifty_and_names_its_last_if_there_are_more() {
        let page = |count: usize| Paged::of((0..count).collect(), ToString::to_string);
        assert_eq!((page(50).items.len(), page(50).next), (50, None));
        assert_eq!((page(51).items.len(), page(51).next), (50, Some("49".to_owned())));
        assert_eq!(page(0), Paged::default());
        let behind = |after| Paged::behind((0..120).collect(), after, ToString::to_string);
        assert_eq!(behind(None).next.as_deref(), Some("49"));
        assert_eq!(behind(Some("49")).items.first(), Some(&50));
        assert_eq!((behind(Some("99")).items.len(), behind(Some("99")).next), (20, None));
        assert_eq!(behind(Some("gone")).items.first(), Some(&0));
    }
}
