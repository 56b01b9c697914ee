//! The people of a simulated world.

use std::ops::Index;

use server::store::people::Person;

/// The owners of the demo world, in its order; in another world, whoever stands in the same place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Who {
    Ana,
    Ben,
    Chiara,
    Dario,
}

impl Who {
    pub const ALL: [Self; 4] = [Self::Ana, Self::Ben, Self::Chiara, Self::Dario];

    /// Their tailnet and their account on a server are called so too.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ana => "ana",
            Self::Ben => "ben",
            Self::Chiara => "chiara",
            Self::Dario => "dario",
        }
    }

    pub const fn login(self) -> &'static str {
        match self {
            Self::Ana => "ana@arroyo.example",
            Self::Ben => "ben@olmo.example",
            Self::Chiara => "chiara@github",
            Self::Dario => "dario@nopal.example",
        }
    }
}

/// The owner of each tailnet of a world, in its order.
pub struct People(pub Vec<Person>);

impl Index<Who> for People {
    type Output = Person;

    fn index(&self, who: Who) -> &Person {
        &self.0[who as usize]
    }
}
