//! The two ways to read a policy.

/// How a policy text is read: what follows from a name that the engine does not know.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Reading {
    /// Somebody means to bring it in force. What the control plane is known to refuse is refused in its words; what
    /// is neither documented nor captured is let pass and told as a [`Doubt`](crate::doubt::Doubt).
    #[default]
    Proposed,
    /// The control plane has taken it, so that it is right whatever we know. Every name is let pass in every section, a
    /// value of another shape too where it decides about no reach, and the rest of the file is worked out.
    InForce,
}

impl Reading {
    /// Whether the control plane has taken the text already.
    pub const fn is_in_force(self) -> bool {
        matches!(self, Self::InForce)
    }
}
