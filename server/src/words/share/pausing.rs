//! What a pause means.

use crate::store::gates::Names;

pub const WHOLE_MACHINE: &str = "You said yes to the whole machine: what other rules let your friend reach there, they reach during the pause too.";
pub const OTHER_RULES: &str =
    "Other rules of your policy let your friend in anyway. A pause takes out this share's own rule alone.";
pub const NOT_KNOWN: &str = "Whether other rules let your friend in anyway could not be read just now. If they do, a pause takes little away.";
pub const NOT_OPEN: &str = "Only what is open can be paused.";
pub const NOT_PAUSED: &str = "This share is not paused.";

pub fn means(names: &Names, ends: bool, on_server: bool) -> Vec<String> {
    let Names { friend, service, .. } = names;
    let mut means = vec![
        format!("{friend} reaches {service} no longer, until you open it again. Nobody else loses anything."),
        "The rule is taken out of the policy and the share out of the machine's own text; every other byte stays.".into(),
    ];
    if !on_server {
        means.push(
            "The invite stays: your friend keeps the machine in their list and need not open another one."
                .into(),
        );
    }
    if ends {
        means.push("Its time goes on: it ends when it was to end, paused or not.".into());
    }
    means.push(
        "A connection that is open now goes on until it is closed, as long as the two machines see each other. What closes it \
         at once is the guard on the machine, or a restart of the service."
            .into(),
    );
    means.push("Opening it again asks nobody anything, unless it would open something else by then: that comes to your review first.".into());
    means
}
