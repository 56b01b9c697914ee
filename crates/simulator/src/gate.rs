//! What every call passes on its way to the state: the log, faults and holds.

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::extract::{MatchedPath, Request, State as Shared};
use axum::middleware::Next;
use axum::response::Response;
use serde::Serialize;

use crate::clock;
use crate::fault::{Fault, FaultRule};
use crate::hold::{HoldCell, Moment};
use crate::keep::{Held, Keep};
use crate::operation::Operation;
use crate::rights::bearer;
use crate::serve::HangUp;
use crate::state::State;

/// One call that was answered, or not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LogEntry {
    /// Counted from 0, also across clearings of the log.
    pub number: u64,
    /// When it arrived, by the simulated clock.
    pub at: String,
    /// What was called.
    pub operation: Operation,
    /// The path with its ids.
    pub path: String,
    /// Whose credential it was; `None` for token requests and unknown credentials.
    pub tailnet: Option<String>,
    /// The answer; `None` while it is held, and if the connection was closed.
    pub status: Option<u16>,
}

/// The state with its guards.
#[derive(Debug)]
pub(crate) struct Gate {
    state: Mutex<State>,
    faults: Mutex<Vec<FaultRule>>,
    holds: Mutex<Vec<Arc<HoldCell>>>,
    log: Mutex<Vec<LogEntry>>,
    calls: AtomicU64,
    /// Where the state is kept, and why it does not stand there as it is.
    keep: Mutex<(Option<Keep>, Option<String>)>,
}

/// Nothing here panics while it holds a lock; a test that did is none of our business.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Gate {
    pub fn new(state: State) -> Self {
        Self {
            state: Mutex::new(state),
            faults: Mutex::default(),
            holds: Mutex::default(),
            log: Mutex::default(),
            calls: AtomicU64::new(0),
            keep: Mutex::new((None, None)),
        }
    }

    /// Nobody else has it until this is dropped.
    pub fn state(&self) -> Held<'_> {
        Held::new(self, lock(&self.state))
    }

    /// From now on the state is kept, as it is now and at each change.
    pub fn keep(&self, mut keep: Keep) -> io::Result<()> {
        let state = lock(&self.state);
        keep.write(&state)?;
        *lock(&self.keep) = (Some(keep), None);
        Ok(())
    }

    /// Writes the state down, if it is kept. Whoever has it calls this.
    pub fn write(&self, state: &State) {
        let mut keep = lock(&self.keep);
        if let (Some(keep), failed) = &mut *keep {
            *failed = keep.write(state).err().map(|error| error.to_string());
        }
    }

    /// Whether all that was changed is written down, or why not; what was not is tried once more. Nothing is answered
    /// before.
    pub fn settled(&self) -> Result<(), String> {
        let failed = lock(&self.keep).1.is_some();
        if failed {
            self.write(&lock(&self.state));
        }
        lock(&self.keep).1.clone().map_or(Ok(()), Err)
    }

    pub fn faults(&self) -> MutexGuard<'_, Vec<FaultRule>> {
        lock(&self.faults)
    }

    pub fn holds(&self) -> MutexGuard<'_, Vec<Arc<HoldCell>>> {
        lock(&self.holds)
    }

    pub fn log(&self) -> MutexGuard<'_, Vec<LogEntry>> {
        lock(&self.log)
    }

    fn take_fault(&self, operation: Operation, tailnet: Option<&str>) -> Option<(Fault, Moment)> {
        let mut faults = self.faults();
        let index =
            faults.iter().position(|rule| rule.times > 0 && rule.target.matches(operation, tailnet))?;
        let rule = faults.get_mut(index)?;
        rule.times -= 1;
        let taken = (rule.fault.clone(), rule.moment);
        faults.retain(|rule| rule.times > 0);
        Some(taken)
    }

    fn catch(&self, operation: Operation, tailnet: Option<&str>, moment: Moment) -> Option<Arc<HoldCell>> {
        let holds = self.holds();
        let here = |hold: &&Arc<HoldCell>| hold.moment == moment && hold.target.matches(operation, tailnet);
        holds.iter().filter(here).find(|hold| hold.catch()).cloned()
    }

    fn tailnet_of(&self, request: &Request) -> Option<String> {
        let state = self.state();
        let actor = state.actor(&bearer(request.headers())?)?;
        state.tailnets.get(actor.tailnet()).map(|tailnet| tailnet.name.clone())
    }

    fn enter(&self, operation: Operation, path: &str, tailnet: Option<String>) -> u64 {
        let at = clock::wire(self.state().now());
        let number = self.calls.fetch_add(1, Ordering::Relaxed);
        self.log().push(LogEntry { number, at, operation, path: path.to_owned(), tailnet, status: None });
        number
    }

    /// A call on its way to its effect, of a tailnet or a server by name.
    pub async fn pass(
        &self,
        operation: Operation,
        path: &str,
        name: Option<String>,
        effect: impl Future<Output = Response>,
    ) -> Response {
        let entry = self.enter(operation, path, name.clone());
        let response = guarded(self, operation, name.as_deref(), effect).await;
        self.leave(entry, &response);
        response
    }

    fn leave(&self, number: u64, response: &Response) {
        if response.extensions().get::<HangUp>().is_none()
            && let Some(entry) = self.log().iter_mut().rev().find(|entry| entry.number == number)
        {
            entry.status = Some(response.status().as_u16());
        }
    }
}

/// The layer around every route.
pub(crate) async fn pass(
    Shared(gate): Shared<Arc<Gate>>,
    path: MatchedPath,
    request: Request,
    next: Next,
) -> Response {
    let Some(operation) = Operation::of(request.method(), path.as_str()) else {
        return next.run(request).await;
    };
    // A task of its own: a call that is held goes on when it is released, also if the caller was killed meanwhile.
    let call = tokio::spawn(async move {
        let (tailnet, path) = (gate.tailnet_of(&request), request.uri().path().to_owned());
        gate.pass(operation, &path, tailnet, next.run(request)).await
    });
    match call.await {
        Ok(response) => response,
        Err(_) => hang_up(),
    }
}

async fn guarded(
    gate: &Gate,
    operation: Operation,
    tailnet: Option<&str>,
    effect: impl Future<Output = Response>,
) -> Response {
    let fault = gate.take_fault(operation, tailnet);
    if let Some((fault, Moment::BeforeEffect)) = &fault
        && let Some(response) = fault.happen().await
    {
        return response;
    }
    if let Some(hold) = gate.catch(operation, tailnet, Moment::BeforeEffect)
        && !hold.let_go().await
    {
        return hang_up();
    }
    let response = effect.await;
    if let Some(hold) = gate.catch(operation, tailnet, Moment::AfterEffect)
        && !hold.let_go().await
    {
        return hang_up();
    }
    if let Some((fault, Moment::AfterEffect)) = &fault
        && let Some(instead) = fault.happen().await
    {
        return instead;
    }
    response
}

pub(crate) fn hang_up() -> Response {
    let mut response = Response::default();
    response.extensions_mut().insert(HangUp);
    response
}
