//! How much of everything there is.

/// Counted in `commons`, but for what Ana receives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    pub machines: usize,
    pub people: usize,
    pub tags: usize,
    /// Besides those of shares.
    pub rules: usize,
    /// Friends with one open share each.
    pub recipients: usize,
    pub routers: usize,
    pub exits: usize,
    pub services: usize,
    /// Open shares of Ben's machines with Ana.
    pub received: usize,
}

impl Size {
    /// In proportion to the world of 10,000, and of each thing at least as much as it takes for every page.
    pub fn of(machines: usize) -> Self {
        let machines = machines.max(20);
        let part =
            |of_ten_thousand: usize, least: usize| (machines * of_ten_thousand).div_ceil(10_000).max(least);
        Self {
            machines,
            people: part(1_000, 4),
            tags: part(500, 4),
            rules: part(500, 5),
            recipients: part(200, 2),
            routers: part(50, 1),
            exits: part(5, 1),
            services: part(500, 4),
            received: part(20, 2),
        }
    }
}
