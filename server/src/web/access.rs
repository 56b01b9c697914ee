//! Who may call what: every route and server function has its row here.
//!
//! The use cases decide; this table says what they have to decide, and a test calls each row in every role.

use self::Role::{Audience, Friend, InstanceOwner, SignedIn, Steward, Stranger, TailnetOwner};

/// How somebody stands to what a route is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// Not signed in.
    Stranger,
    /// Signed in, and nothing else.
    SignedIn,
    /// The service is shown to them.
    Audience,
    /// The other party of a share.
    Friend,
    /// May do all in one tailnet but change credentials and stewards.
    Steward,
    TailnetOwner,
    /// Settings of this instance; nothing of others' tailnets.
    InstanceOwner,
}

impl Role {
    pub const ALL: [Self; 7] = [Stranger, SignedIn, InstanceOwner, Audience, Friend, Steward, TailnetOwner];
}

/// What somebody is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Access {
    /// The question is answered, even if the answer is that it is not possible now.
    Allowed,
    /// 303, the same for what exists and what does not.
    SignInFirst,
    /// 404: they may not know whether it exists.
    Unknown,
    /// 403: they may know of it, but not do this.
    Forbidden,
}

/// One route or server function.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    pub method: &'static str,
    /// As in the router.
    pub path: &'static str,
    /// Names of the query's or the form's fields that say what it is about.
    pub fields: &'static [&'static str],
    pub may: &'static [Role],
    /// Those who may know of it besides.
    pub know: &'static [Role],
}

impl Row {
    pub fn access(&self, role: Role) -> Access {
        if self.may.contains(&role) {
            Access::Allowed
        } else if role == Stranger {
            Access::SignInFirst
        } else if self.know.contains(&role) {
            Access::Forbidden
        } else {
            Access::Unknown
        }
    }
}

const EVERYBODY: &[Role] = &Role::ALL;
const SIGNED_IN: &[Role] = &[SignedIn, InstanceOwner, Audience, Friend, Steward, TailnetOwner];
/// Who sees the listing.
const SHOWN: &[Role] = &[Audience, Friend, Steward, TailnetOwner];
/// Who sees it, and does not give it.
const SHOWN_ONLY: &[Role] = &[Audience, Friend];
/// Both sides of a share.
const PARTIES: &[Role] = &[Friend, Steward, TailnetOwner];
/// Who gives.
const GIVERS: &[Role] = &[Steward, TailnetOwner];
const OWNER: &[Role] = &[TailnetOwner];
const INSTANCE_OWNER: &[Role] = &[InstanceOwner];
const FRIEND: &[Role] = &[Friend];
const STEWARD: &[Role] = &[Steward];
const NOBODY: &[Role] = &[];

const fn get(
    path: &'static str,
    fields: &'static [&'static str],
    may: &'static [Role],
    know: &'static [Role],
) -> Row {
    Row { method: "GET", path, fields, may, know }
}

const fn post(
    path: &'static str,
    fields: &'static [&'static str],
    may: &'static [Role],
    know: &'static [Role],
) -> Row {
    Row { method: "POST", path, fields, may, know }
}

/// The whole map.
pub const TABLE: &[Row] = &[
    // machines
    get("/healthz", &[], EVERYBODY, NOBODY),
    get("/readyz", &[], EVERYBODY, NOBODY),
    get("/metrics", &[], EVERYBODY, NOBODY), // with the configured token, if there is one
    get("/pkg/{revision}/{*name}", &[], EVERYBODY, NOBODY),
    get("/style.css", &[], EVERYBODY, NOBODY),
    get("/icons.svg", &[], EVERYBODY, NOBODY),
    get("/favicon.svg", &[], EVERYBODY, NOBODY),
    get("/favicon.ico", &[], EVERYBODY, NOBODY),
    get("/api/v1/openapi.json", &[], EVERYBODY, NOBODY),
    get("/api/v1/nodes/{id}/firewall/{backend}", &[], EVERYBODY, NOBODY), // with the token of that node
    post("/api/v1/nodes/{id}/status", &[], EVERYBODY, NOBODY),            // the same
    // coming in
    get("/", &[], EVERYBODY, NOBODY),
    get("/sign-in", &[], EVERYBODY, NOBODY),
    post("/sign-in/with/{provider}", &[], EVERYBODY, NOBODY),
    get("/sign-in/callback/{provider}", &[], EVERYBODY, NOBODY),
    post("/sign-in/setup", &["code"], EVERYBODY, NOBODY),
    post("/sign-in/demo", &["person"], EVERYBODY, NOBODY), // in the demo only
    post("/sign-out", &[], EVERYBODY, NOBODY),
    post("/fn/theme", &["theme"], EVERYBODY, NOBODY),
    // oneself
    get("/account", &[], SIGNED_IN, NOBODY),
    post("/fn/account/rename", &["name"], SIGNED_IN, NOBODY),
    post("/fn/account/end-session", &["handle"], SIGNED_IN, NOBODY),
    post("/fn/account/end-others", &[], SIGNED_IN, NOBODY),
    post("/fn/account/unlink", &["identity"], SIGNED_IN, NOBODY),
    get("/audit", &[], SIGNED_IN, NOBODY),
    // people
    get("/people", &[], INSTANCE_OWNER, NOBODY),
    get("/people/{id}", &[], INSTANCE_OWNER, NOBODY),
    get("/people/{id}/{deed}", &[], INSTANCE_OWNER, NOBODY),
    post("/fn/people/act", &["person", "deed"], INSTANCE_OWNER, NOBODY),
    get("/sign-in/again/{token}", &[], EVERYBODY, NOBODY), // whoever has the link
    // services
    get("/directory", &[], SIGNED_IN, NOBODY),
    get("/services/new", &["node"], GIVERS, NOBODY),
    get("/services/{id}", &[], SHOWN, NOBODY),
    get("/services/{id}/edit", &[], GIVERS, SHOWN_ONLY),
    get("/services/{id}/remove", &[], GIVERS, SHOWN_ONLY),
    post("/fn/services/create", &["node"], GIVERS, NOBODY),
    post("/fn/services/update", &["service"], GIVERS, SHOWN_ONLY),
    post("/fn/services/remove", &["service"], GIVERS, SHOWN_ONLY),
    // offers
    get("/offers/new", &[], SIGNED_IN, NOBODY),
    get("/offers/{id}", &[], GIVERS, NOBODY),
    get("/offers/{id}/withdraw", &[], GIVERS, NOBODY),
    post("/fn/offers/create", &["service"], GIVERS, SHOWN_ONLY),
    post("/fn/offers/withdraw", &["offer"], GIVERS, NOBODY),
    post("/fn/offers/link", &["offer"], GIVERS, NOBODY),
    get("/o/{token}", &[], EVERYBODY, NOBODY),
    post("/fn/offers/remember", &["token"], EVERYBODY, NOBODY),
    post("/fn/offers/accept", &["token", "login"], SIGNED_IN, NOBODY),
    post("/fn/offers/decline", &["token"], SIGNED_IN, NOBODY),
    // shares
    get("/shares", &[], SIGNED_IN, NOBODY),
    get("/shares/{id}", &[], PARTIES, NOBODY),
    get("/shares/{id}/review", &[], GIVERS, FRIEND),
    get("/shares/{id}/end", &[], PARTIES, NOBODY),
    get("/shares/{id}/unproven", &[], GIVERS, FRIEND),
    get("/shares/{id}/events", &[], PARTIES, NOBODY),
    post("/fn/shares/apply", &["share", "decision"], GIVERS, FRIEND),
    post("/fn/shares/end", &["share"], PARTIES, NOBODY),
    post("/fn/shares/retry", &["share"], GIVERS, FRIEND),
    post("/fn/shares/check", &["share"], GIVERS, FRIEND),
    post("/fn/shares/unproven", &["share"], GIVERS, FRIEND),
    post("/fn/shares/invite", &["share", "link"], GIVERS, FRIEND),
    // tailnets
    get("/tailnets", &[], SIGNED_IN, NOBODY),
    get("/tailnets/new", &[], SIGNED_IN, NOBODY),
    get("/tailnets/{id}", &[], GIVERS, NOBODY),
    get("/tailnets/{id}/stewards", &[], GIVERS, NOBODY),
    get("/tailnets/{id}/policy", &[], GIVERS, NOBODY),
    get("/tailnets/{id}/reach", &[], GIVERS, NOBODY),
    get("/tailnets/{tailnet}/reach.json", &[], GIVERS, NOBODY),
    get("/tailnets/{tailnet}/reach.csv", &[], GIVERS, NOBODY),
    get("/tailnets/{id}/policy/plan", &["what"], GIVERS, NOBODY),
    get("/tailnets/{id}/policy/edits/{edit}", &[], GIVERS, NOBODY),
    get("/tailnets/{id}/reach/graph", &[], GIVERS, NOBODY),
    get("/tailnets/{id}/disconnect", &[], GIVERS, NOBODY), // the question; only the owner may say yes
    get("/tailnets/{id}/nodes/{node}", &[], GIVERS, NOBODY),
    get("/tailnets/{id}/nodes/{node}/firewall", &[], GIVERS, NOBODY),
    get("/tailnets/{id}/nodes/{node}/firewall/revisions/{revision}", &[], GIVERS, NOBODY),
    get("/tailnets/{tailnet}/nodes/{node}/firewall/text", &[], GIVERS, NOBODY),
    get("/elsewhere/{id}", &[], GIVERS, NOBODY),
    get("/elsewhere/{id}/end", &[], GIVERS, NOBODY),
    post("/fn/elsewhere/adopt", &["stray", "service"], GIVERS, NOBODY),
    post("/fn/elsewhere/keep", &["stray"], GIVERS, NOBODY),
    post("/fn/elsewhere/end", &["stray"], GIVERS, NOBODY),
    get("/tailnets/{id}/nodes/new", &[], GIVERS, NOBODY),
    get("/tailnets/{id}/joining/{joining}", &[], GIVERS, NOBODY),
    get("/tailnets/{id}/joining/{joining}/events", &[], GIVERS, NOBODY),
    post("/fn/joining/key", &["tailnet"], GIVERS, NOBODY),
    post("/fn/joining/wait", &["tailnet"], GIVERS, NOBODY),
    post("/fn/joining/module", &["tailnet", "module"], GIVERS, NOBODY),
    post("/fn/joining/cancel", &["tailnet", "joining"], GIVERS, NOBODY),
    post("/demo/join", &["joining"], GIVERS, NOBODY), // in the demo only
    post("/fn/tailnets/connect", &[], SIGNED_IN, NOBODY),
    post("/fn/tailnets/token", &["tailnet"], OWNER, STEWARD),
    post("/fn/tailnets/client", &["tailnet"], OWNER, STEWARD),
    post("/fn/tailnets/sync", &["tailnet"], GIVERS, NOBODY),
    post("/fn/tailnets/disconnect", &["tailnet"], OWNER, STEWARD),
    post("/fn/stewards/add", &["tailnet", "person"], OWNER, STEWARD),
    post("/fn/stewards/remove", &["tailnet", "person"], OWNER, STEWARD),
    get("/tailnets/{id}/stewards/{person}/remove", &[], OWNER, STEWARD),
    post("/fn/edits/apply", &["tailnet", "what", "plan"], GIVERS, NOBODY),
    post("/fn/hosts/token", &["tailnet", "node"], GIVERS, NOBODY),
    post("/fn/hosts/revoke", &["tailnet", "node"], GIVERS, NOBODY),
    post("/fn/hosts/rules", &["tailnet", "node", "rules"], GIVERS, NOBODY),
    post("/fn/hosts/status", &["tailnet", "node", "status"], GIVERS, NOBODY),
    post("/fn/hosts/forget", &["tailnet", "node"], GIVERS, NOBODY),
    post("/fn/firewall/choose", &["tailnet", "node", "backend"], GIVERS, NOBODY),
];
