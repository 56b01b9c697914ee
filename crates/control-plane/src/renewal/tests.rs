//! A key is replaced whoever is killed wherever.

use super::*;

/// A control plane with keys, and an app that writes things down. Killing it loses what it was just told.
struct Scene {
    keys: Vec<(ListedApiKey, Secret)>,
    noted: Renewal,
    old: Secret,
    /// What a person did in the meantime must stay.
    others: Vec<KeyId>,
}

const DAY: i64 = 24 * 60 * 60;

fn now() -> Timestamp {
    "2026-11-29T12:00:00Z".parse().unwrap()
}

fn secret(number: usize) -> Secret {
    Secret::new(format!("hskey-api-{number:012}-secret"))
}

fn listed(number: usize, expires: Timestamp) -> (ListedApiKey, Secret) {
    let begins = format!("hskey-api-{number:012}-");
    (ListedApiKey { id: KeyId::new(number.to_string()), begins, expires: Some(expires) }, secret(number))
}

impl Scene {
    fn new() -> Self {
        let keys = vec![listed(1, now().plus_seconds(DAY)), listed(2, now().plus_seconds(90 * DAY))];
        Self { keys, noted: Renewal::default(), old: secret(1), others: vec![KeyId::new("2")] }
    }

    fn end(&mut self, id: &KeyId) {
        let key = self.keys.iter_mut().find(|(key, _)| key.id == *id).expect("it is there");
        key.0.expires = Some(now());
    }

    fn step(&self) -> Step {
        let keys: Vec<_> = self.keys.iter().map(|(key, _)| key.clone()).collect();
        next_step(&self.noted, &self.old, &keys, now())
    }

    /// Does what is next. `killed`: the effect happens at the control plane, and nothing is written down of it.
    fn act(&mut self, step: Step, killed: bool) -> bool {
        match step {
            Step::Note { before } => {
                if !killed {
                    self.noted.before = Some(before);
                    self.noted.ends = Some(now().plus_seconds(90 * DAY + 17));
                }
            }
            Step::Make { ends } => {
                let made = listed(self.keys.len() + 1, ends);
                if !killed {
                    self.noted.made = Some(made.1.clone());
                }
                self.keys.push(made);
            }
            Step::EndLost { id } | Step::EndOld { id } => self.end(&id),
            Step::Try => self.noted.in_use |= !killed,
            Step::Again => self.noted = Renewal::default(),
            Step::Done => return false,
        }
        true
    }

    fn good(&self) -> Vec<KeyId> {
        let good = self.keys.iter().filter(|(key, _)| key.expires.is_some_and(|end| end > now()));
        good.map(|(key, _)| key.id.clone()).collect()
    }

    /// The key that the app would call with.
    fn own(&self) -> &Secret {
        match &self.noted.made {
            Some(made) if self.noted.in_use => made,
            _ => &self.old,
        }
    }

    fn own_is_good(&self) -> bool {
        let own = self.keys.iter().find(|(_, secret)| secret.expose() == self.own().expose());
        own.is_some_and(|(key, _)| self.good().contains(&key.id))
    }
}

#[test]
fn a_key_is_replaced_by_another_one_and_ended() {
    let mut scene = Scene::new();
    let mut steps = 0;
    while scene.act(scene.step(), false) {
        assert!(scene.own_is_good());
        steps += 1;
    }
    assert_eq!(steps, 4);
    assert_eq!(scene.good(), ["2", "3"].map(KeyId::from));
    assert_eq!(scene.own().expose(), secret(3).expose());
}

#[test]
fn whoever_is_killed_between_any_two_steps_goes_on_and_leaves_no_key_behind() {
    // Each step may be cut short any number of times: every pattern of six.
    for pattern in 0..64_u32 {
        let mut scene = Scene::new();
        for turn in 0.. {
            let killed = turn < 6 && pattern & (1 << turn) != 0;
            if turn == 2 {
                // Somebody makes a key by hand meanwhile.
                let theirs = listed(scene.keys.len() + 1, now().plus_seconds(90 * DAY));
                scene.others.push(theirs.0.id.clone());
                scene.keys.push(theirs);
            }
            let step = scene.step();
            if !scene.act(step, killed) {
                break;
            }
            assert!(scene.own_is_good(), "pattern {pattern:b}, turn {turn}: nothing to call with");
            assert!(turn < 40, "pattern {pattern:b} does not end");
        }
        let good = scene.good();
        assert!(
            scene.others.iter().all(|id| good.contains(id)),
            "pattern {pattern:b}: somebody's key was ended"
        );
        assert_eq!(good.len(), scene.others.len() + 1, "pattern {pattern:b}: {good:?}");
    }
}

#[test]
fn a_new_key_that_is_not_there_is_made_again_as_long_as_the_old_one_is_good() {
    let mut scene = Scene::new();
    scene.noted =
        Renewal { made: Some(secret(9)), ends: Some(now()), before: Some(BTreeSet::new()), in_use: false };
    assert_eq!(scene.step(), Step::Again);
    scene.end(&KeyId::new("1"));
    assert_eq!(scene.step(), Step::Try, "it may be good, and the old one is not");
}

#[test]
fn a_key_is_told_to_be_near_its_end_three_times() {
    let due = |days: i64, seconds: i64| notice_due(now().plus_seconds(days * DAY + seconds), now());
    assert_eq!((due(14, 0), due(14, -1), due(8, 0), due(7, -1)), (None, Some(14), Some(14), Some(7)));
    assert_eq!((due(1, 0), due(0, 5), due(-3, 0)), (Some(7), Some(1), Some(1)));
    assert_eq!(days_left(now().plus_seconds(-1), now()), -1);
}
