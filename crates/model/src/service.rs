//! What kinds of services there are, and to whom one is shown.

use crate::words::words;

words! {
    /// What kind of thing a service is; decides the icon, the usual ports and how one joins.
    ServiceKind, "kind of service":
    /// A Minecraft server.
    Minecraft = "minecraft",
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
