//! Who may call what: every route and server function has its row here.
//!
//! The use cases decide; this table says what they have to decide, and a test calls each row in every role.

use self::Role::{Audience, Auditor, Friend, InstanceOwner, SignedIn, Steward, Stranger, TailnetOwner};

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
    /// Reads reach, policy and audit of one tailnet, and changes nothing.
    Auditor,
    /// May do all in one tailnet but change credentials, stewards and auditors.
    Steward,
    TailnetOwner,
    /// Settings of this instance; nothing of others' tailnets.
    InstanceOwner,
}

impl Role {
    pub const ALL: [Self; 8] =
        [Stranger, SignedIn, InstanceOwner, Audience, Friend, Auditor, Steward, TailnetOwner];
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
const SIGNED_IN: &[Role] = &[SignedIn, InstanceOwner, Audience, Friend, Auditor, Steward, TailnetOwner];
/// Who sees the listing.
const SHOWN: &[Role] = &[Audience, Friend, Steward, TailnetOwner];
/// Who sees it, and does not give it.
const SHOWN_ONLY: &[Role] = &[Audience, Friend];
/// Both sides of a share.
const PARTIES: &[Role] = &[Friend, Steward, TailnetOwner];
/// Who asks for an offer of it.
const ASKER: &[Role] = &[Audience];
/// To whom it is lent.
const RECEIVER: &[Role] = &[Friend];
/// Who gives.
const GIVERS: &[Role] = &[Steward, TailnetOwner];
const OWNER: &[Role] = &[TailnetOwner];
const INSTANCE_OWNER: &[Role] = &[InstanceOwner];
/// Who knows of a share, and does not give it.
const FRIEND: &[Role] = &[Friend, Auditor];
/// Who knows of a tailnet, and may not do everything there.
const STEWARD: &[Role] = &[Auditor, Steward];
/// Who reads a tailnet.
const READERS: &[Role] = &[Auditor, Steward, TailnetOwner];
const AUDITOR: &[Role] = &[Auditor];
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

const fn put(
    path: &'static str,
    fields: &'static [&'static str],
    may: &'static [Role],
    know: &'static [Role],
) -> Row {
    Row { method: "PUT", path, fields, may, know }
}

/// The whole map.
pub const TABLE: &[Row] = &[
    // machines
    get("/healthz", &[], EVERYBODY, NOBODY),
    get("/readyz", &[], EVERYBODY, NOBODY),
    get("/metrics", &[], EVERYBODY, NOBODY), // with the configured token, if there is one
    get("/pkg/{revision}/{*name}", &[], EVERYBODY, NOBODY),
    get("/help", &[], EVERYBODY, NOBODY),
    get("/help/{page}", &[], EVERYBODY, NOBODY),
    get("/style.css", &[], EVERYBODY, NOBODY),
    get("/icons.svg", &[], EVERYBODY, NOBODY),
    get("/favicon.svg", &[], EVERYBODY, NOBODY),
    get("/favicon.ico", &[], EVERYBODY, NOBODY),
    get("/api/v1/openapi.json", &[], EVERYBODY, NOBODY),
    get("/api/v1/nodes/{id}/firewall/{backend}", &[], EVERYBODY, NOBODY), // with the token of that node
    post("/api/v1/nodes/{id}/status", &[], EVERYBODY, NOBODY),            // the same
    post("/api/v1/nodes/{id}/filter", &[], EVERYBODY, NOBODY),            // the same
    put("/api/v1/nodes/{id}/services", &[], EVERYBODY, NOBODY),           // the same
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
    post("/fn/account/zone", &["zone"], SIGNED_IN, NOBODY),
    post("/fn/account/end-session", &["handle"], SIGNED_IN, NOBODY),
    post("/fn/account/end-others", &[], SIGNED_IN, NOBODY),
    post("/fn/account/unlink", &["identity"], SIGNED_IN, NOBODY),
    get("/account/leave", &[], SIGNED_IN, NOBODY),
    post("/fn/account/leave", &["sure"], SIGNED_IN, NOBODY),
    get("/account/notifications", &[], SIGNED_IN, NOBODY),
    post("/fn/notifications/choose", &[], SIGNED_IN, NOBODY),
    post("/fn/notifications/ntfy", &["server", "topic"], SIGNED_IN, NOBODY),
    post("/fn/notifications/webhook", &["url"], SIGNED_IN, NOBODY),
    post("/fn/notifications/remove", &["channel"], SIGNED_IN, NOBODY),
    post("/fn/notifications/test", &["channel"], SIGNED_IN, NOBODY),
    // whoever has the link of a mail
    get("/unsubscribe/{token}", &[], EVERYBODY, NOBODY),
    post("/unsubscribe/{token}", &["List-Unsubscribe"], EVERYBODY, NOBODY),
    post("/fn/notifications/stop", &["stop"], EVERYBODY, NOBODY),
    get("/settings", &[], INSTANCE_OWNER, NOBODY),
    post("/fn/settings/test-mail", &[], INSTANCE_OWNER, NOBODY),
    get("/audit", &[], SIGNED_IN, NOBODY),
    get("/audit/{entry}", &[], READERS, NOBODY),
    get("/audit.json", &[], SIGNED_IN, NOBODY),
    get("/audit.csv", &[], SIGNED_IN, NOBODY),
    // people
    get("/people", &[], INSTANCE_OWNER, NOBODY),
    get("/people/{id}", &[], INSTANCE_OWNER, NOBODY),
    get("/people/{id}/{deed}", &[], INSTANCE_OWNER, NOBODY),
    post("/fn/people/act", &["person", "deed"], INSTANCE_OWNER, NOBODY),
    get("/sign-in/again/{token}", &[], EVERYBODY, NOBODY), // whoever has the link
    // services
    get("/directory", &[], SIGNED_IN, NOBODY),
    get("/services/new", &["node"], GIVERS, AUDITOR),
    get("/services/{id}", &[], SHOWN, NOBODY),
    get("/services/{id}/edit", &[], GIVERS, SHOWN_ONLY),
    get("/services/{id}/remove", &[], GIVERS, SHOWN_ONLY),
    post("/fn/services/create", &["node"], GIVERS, AUDITOR),
    post("/fn/services/update", &["service"], GIVERS, SHOWN_ONLY),
    post("/fn/services/remove", &["service"], GIVERS, SHOWN_ONLY),
    // asks
    get("/asks/{id}", &[], GIVERS, ASKER),
    post("/fn/asks/create", &["service"], SHOWN_ONLY, GIVERS),
    post("/fn/asks/take", &["service"], SHOWN_ONLY, GIVERS),
    post("/fn/asks/withdraw", &["ask"], ASKER, GIVERS),
    post("/fn/asks/decline", &["ask"], GIVERS, ASKER),
    post("/fn/asks/later", &["ask"], GIVERS, ASKER),
    // circles
    get("/circles", &[], SIGNED_IN, NOBODY),
    get("/circles/{id}", &[], OWNER, NOBODY),
    get("/circles/{id}/leave/{person}", &[], OWNER, NOBODY),
    get("/circles/{id}/end", &[], OWNER, NOBODY),
    post("/fn/circles/create", &["name"], SIGNED_IN, NOBODY),
    post("/fn/circles/rename", &["circle", "name"], OWNER, NOBODY),
    post("/fn/circles/add", &["circle", "person"], OWNER, NOBODY),
    post("/fn/circles/leave", &["circle", "person"], OWNER, NOBODY),
    post("/fn/circles/end", &["circle"], OWNER, NOBODY),
    post("/fn/circles/approve", &["circle", "kind"], OWNER, NOBODY),
    post("/fn/circles/ask-me", &["circle", "service_kind"], OWNER, NOBODY),
    // offers
    get("/offers", &[], SIGNED_IN, NOBODY),
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
    get("/shares/{id}", &[], PARTIES, AUDITOR),
    get("/shares/{id}/review", &[], GIVERS, FRIEND),
    get("/shares/{id}/end", &[], PARTIES, AUDITOR),
    get("/shares/{id}/pause", &[], GIVERS, FRIEND),
    get("/shares/{id}/time", &[], PARTIES, AUDITOR),
    get("/shares/{id}/unproven", &[], GIVERS, FRIEND),
    get("/shares/{id}/events", &[], PARTIES, AUDITOR),
    post("/fn/shares/apply", &["share", "decision"], GIVERS, FRIEND),
    post("/fn/shares/end", &["share"], PARTIES, AUDITOR),
    post("/fn/shares/pause", &["share"], GIVERS, FRIEND),
    post("/fn/shares/open-again", &["share"], GIVERS, FRIEND),
    post("/fn/shares/until", &["share"], GIVERS, FRIEND),
    post("/fn/shares/longer", &["share"], RECEIVER, READERS),
    post("/fn/shares/not-longer", &["share"], GIVERS, FRIEND),
    post("/fn/shares/account", &["share", "login"], RECEIVER, READERS),
    post("/fn/shares/new-invite", &["share"], GIVERS, FRIEND),
    post("/fn/shares/retry", &["share"], GIVERS, FRIEND),
    post("/fn/shares/check", &["share"], GIVERS, FRIEND),
    post("/fn/shares/unproven", &["share"], GIVERS, FRIEND),
    post("/fn/shares/invite", &["share", "link"], GIVERS, FRIEND),
    post("/fn/members/choose", &["share", "account"], GIVERS, FRIEND),
    post("/fn/members/new", &["share", "name"], GIVERS, FRIEND),
    post("/fn/members/sign-in", &["share"], GIVERS, FRIEND),
    post("/fn/members/loaded", &["share"], GIVERS, FRIEND),
    post("/fn/members/key", &["share"], RECEIVER, READERS),
    post("/fn/members/let-in", &["share", "waiting"], RECEIVER, READERS),
    post("/fn/exposures/accept", &["share", "seen"], GIVERS, FRIEND),
    // tailnets
    get("/tailnets", &[], SIGNED_IN, NOBODY),
    get("/tailnets/new", &[], SIGNED_IN, NOBODY),
    get("/tailnets/{id}", &[], READERS, NOBODY),
    get("/tailnets/{id}/stewards", &[], GIVERS, AUDITOR),
    get("/tailnets/{id}/households", &[], GIVERS, AUDITOR),
    post("/fn/households/join", &["tailnet", "account"], OWNER, STEWARD),
    post("/fn/households/leave", &["tailnet", "account"], OWNER, STEWARD),
    post("/fn/households/give", &["tailnet", "node", "account"], OWNER, STEWARD),
    get("/tailnets/{id}/lenders", &[], GIVERS, AUDITOR),
    post("/fn/lenders/accept", &["tailnet", "person", "account"], GIVERS, AUDITOR),
    post("/fn/lenders/refuse", &["tailnet", "person"], GIVERS, AUDITOR),
    post("/fn/lenders/review", &["tailnet"], OWNER, STEWARD),
    get("/tailnets/{id}/policy", &[], READERS, NOBODY),
    get("/tailnets/{id}/reach", &[], READERS, NOBODY),
    get("/tailnets/{tailnet}/reach.json", &[], READERS, NOBODY),
    get("/tailnets/{tailnet}/reach.csv", &[], READERS, NOBODY),
    get("/tailnets/{id}/policy/plan", &["what"], GIVERS, AUDITOR),
    get("/tailnets/{id}/policy/edits/{edit}", &[], READERS, NOBODY),
    get("/tailnets/{id}/reach/day", &[], READERS, NOBODY),
    get("/tailnets/{id}/reach/graph", &[], READERS, NOBODY),
    get("/tailnets/{id}/what-runs", &[], GIVERS, AUDITOR),
    get("/tailnets/{id}/disconnect", &[], GIVERS, AUDITOR), // the question; only the owner may say yes
    get("/tailnets/{id}/nodes/{node}", &[], GIVERS, AUDITOR),
    get("/tailnets/{id}/nodes/{node}/firewall", &[], GIVERS, AUDITOR),
    get("/tailnets/{id}/nodes/{node}/firewall/revisions/{revision}", &[], GIVERS, AUDITOR),
    get("/tailnets/{tailnet}/nodes/{node}/firewall/text", &[], GIVERS, AUDITOR),
    get("/elsewhere/{id}", &[], GIVERS, AUDITOR),
    get("/elsewhere/{id}/end", &[], GIVERS, AUDITOR),
    post("/fn/elsewhere/adopt", &["stray", "service"], GIVERS, AUDITOR),
    post("/fn/elsewhere/keep", &["stray"], GIVERS, AUDITOR),
    post("/fn/elsewhere/end", &["stray"], GIVERS, AUDITOR),
    get("/tailnets/{id}/nodes/new", &[], GIVERS, AUDITOR),
    get("/tailnets/{id}/joining/{joining}", &[], GIVERS, AUDITOR),
    get("/tailnets/{id}/joining/{joining}/events", &[], GIVERS, AUDITOR),
    post("/fn/joining/key", &["tailnet"], GIVERS, AUDITOR),
    post("/fn/joining/wait", &["tailnet"], GIVERS, AUDITOR),
    post("/fn/joining/module", &["tailnet", "module"], GIVERS, AUDITOR),
    post("/fn/joining/cancel", &["tailnet", "joining"], GIVERS, AUDITOR),
    post("/demo/join", &["joining"], GIVERS, AUDITOR), // in the demo only
    post("/fn/tailnets/connect", &[], SIGNED_IN, NOBODY),
    post("/fn/tailnets/token", &["tailnet"], OWNER, STEWARD),
    post("/fn/tailnets/client", &["tailnet"], OWNER, STEWARD),
    post("/fn/tailnets/key", &["tailnet"], OWNER, STEWARD),
    post("/fn/tailnets/renew", &["tailnet"], OWNER, STEWARD),
    post("/fn/tailnets/names", &["tailnet"], OWNER, STEWARD),
    post("/fn/tailnets/sync", &["tailnet"], GIVERS, AUDITOR),
    post("/fn/tailnets/disconnect", &["tailnet"], OWNER, STEWARD),
    post("/fn/stewards/add", &["tailnet", "person"], OWNER, STEWARD),
    post("/fn/stewards/remove", &["tailnet", "person"], OWNER, STEWARD),
    get("/tailnets/{id}/stewards/{person}/remove", &[], OWNER, STEWARD),
    post("/fn/stewards/hand-over", &["tailnet", "person"], OWNER, STEWARD),
    get("/tailnets/{id}/stewards/{person}/hand-over", &[], OWNER, STEWARD),
    post("/fn/edits/apply", &["tailnet", "what", "plan"], GIVERS, AUDITOR),
    post("/fn/hosts/token", &["tailnet", "node"], GIVERS, AUDITOR),
    post("/fn/hosts/revoke", &["tailnet", "node"], GIVERS, AUDITOR),
    post("/fn/hosts/rules", &["tailnet", "node", "rules"], GIVERS, AUDITOR),
    post("/fn/hosts/status", &["tailnet", "node", "status"], GIVERS, AUDITOR),
    post("/fn/hosts/forget", &["tailnet", "node"], GIVERS, AUDITOR),
    post("/fn/firewall/choose", &["tailnet", "node", "backend"], GIVERS, AUDITOR),
    post("/fn/inbox/dismiss", &["kind", "object"], SIGNED_IN, NOBODY),
];
