//! Counts what agrees and names what does not.

pub struct Score {
    family: String,
    right: usize,
    wrong: Vec<(String, String, String)>,
}

impl Score {
    pub fn new(family: &str) -> Self {
        Self { family: family.into(), right: 0, wrong: Vec::new() }
    }

    /// One comparison of one part of one case.
    pub fn count(&mut self, case: &str, part: &str, outcome: Result<(), String>) {
        match outcome {
            Ok(()) => self.right += 1,
            Err(why) => self.wrong.push((case.into(), part.into(), why)),
        }
    }

    pub fn finish(self, exceptions: &[(&str, &str, &str, &str)]) {
        let known = |case: &str, part: &str| {
            exceptions
                .iter()
                .find(|(f, c, p, _)| *f == self.family && (*c == case || *c == "*") && *p == part)
        };
        let mut failed = 0;
        for (case, part, why) in &self.wrong {
            if let Some((.., reason)) = known(case, part) {
                eprintln!("{case} {part}: excepted, {reason}");
            } else {
                failed += 1;
                eprintln!("{case} {part}: {why}");
            }
        }
        eprintln!("{}: {} of {} comparisons agree", self.family, self.right, self.right + self.wrong.len());
        assert_eq!(failed, 0, "{} disagrees with the control plane", self.family);
    }
}
