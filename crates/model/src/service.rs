//! What kinds of services there are, and to whom one is shown.

use crate::words::words;

words! {
    /// What kind of thing a service is; decides the icon, the usual ports and how one joins.
    ServiceKind, "kind of service":
    /// A Minecraft server (Java edition).
    Minecraft = "minecraft",
    /// A Minecraft server for phones, consoles and Windows (Bedrock edition).
    Bedrock = "bedrock",
    /// A web page or app.
    Http = "http",
    /// A media server.
    Media = "media",
    /// A Git forge.
    Git = "git",
    /// Shared files.
    Files = "files",
    /// Another game.
    Game = "game",
    /// A remote shell.
    Ssh = "ssh",
    /// Something else.
    Other = "other",
}

impl ServiceKind {
    /// For people.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Minecraft => "Minecraft server",
            Self::Bedrock => "Minecraft server (Bedrock)",
            Self::Http => "Web page or app",
            Self::Ssh => "Remote shell (SSH)",
            Self::Media => "Media server",
            Self::Git => "Git forge",
            Self::Files => "Files",
            Self::Game => "Other game",
            Self::Other => "Something else",
        }
    }

    /// What such a service usually listens on, to start the form with.
    pub const fn usual_ports(self) -> &'static str {
        match self {
            Self::Minecraft => "tcp:25565",
            Self::Bedrock => "udp:19132",
            Self::Http => "tcp:443",
            Self::Ssh => "tcp:22",
            Self::Media => "tcp:8096",
            Self::Git => "tcp:443, tcp:22",
            Self::Files => "tcp:445",
            Self::Game | Self::Other => "",
        }
    }
}

words! {
    /// To whom a service is shown that somebody lists.
    Audience, "audience of a service":
    /// Only the owner and stewards.
    Nobody = "nobody",
    /// Everybody who can sign in here.
    Everybody = "everybody",
    /// Some people, by name.
    People = "people",
}

words! {
    /// To whom the configuration of a machine shows a service that it lists.
    DeclaredTo, "audience in a configuration":
    /// It does not say; that is chosen by people, at first nobody.
    Chosen = "chosen",
    /// Only the owner and stewards.
    Nobody = "nobody",
    /// Everybody who can sign in here.
    Everybody = "everybody",
}

impl DeclaredTo {
    /// The audience of a service that had this one before.
    #[must_use]
    pub const fn over(self, before: Audience) -> Audience {
        match self {
            Self::Chosen => before,
            Self::Nobody => Audience::Nobody,
            Self::Everybody => Audience::Everybody,
        }
    }
}
