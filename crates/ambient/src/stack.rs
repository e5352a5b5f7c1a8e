//! [`StackSnapshot`]: a snapshot of the contexts that a thread is in, for debugging.

use crate::binding::{self, Binding};
use crate::domain::{Bindings, with_thread};
use crate::token::ContextId;
use std::fmt;

/// A snapshot of the contexts that the calling thread is in, the current one first. Empty if
/// the thread is in none.
///
/// ```
/// use ambient::{Context, StackSnapshot, Var};
///
/// static ID: Var<u64> = Var::new("id").shown();
/// static USER: Var<&str> = Var::new("user").shown();
///
/// ID.scoped(7, || {
///     let mut task = Context::inherited().with_value(&USER, "ada");
///     task.run(|| println!("{:#?}", StackSnapshot::here()));
/// });
/// // thread 1 [
/// //     context 4098 {
/// //         id: u64 = 7 (inherited from context 4096),
/// //         user: &str = "ada" (own),
/// //     },
/// //     context 4096 {
/// //         id: u64 = 7 (own),
/// //     },
/// // ]
/// ```
pub struct StackSnapshot {
    thread: u64,
    levels: Vec<Level>,
}

/// One context of a [`StackSnapshot`].
pub struct Level {
    id: Option<ContextId>,
    bindings: Vec<Binding>,
}

impl StackSnapshot {
    /// Returns a snapshot of the calling thread. O(n log n) in all bindings of its contexts.
    pub fn here() -> Self {
        with_thread(|thread| {
            let mut levels: Vec<(Option<ContextId>, Bindings)> = Vec::new();
            thread.for_each_context(|context| {
                levels.push((context.id(), context.snapshot()));
            });
            let level = |(id, bindings): (_, Bindings)| Level {
                id,
                bindings: binding::sorted(&bindings, [id, None]),
            };
            StackSnapshot {
                thread: thread.id().get(),
                levels: levels.into_iter().map(level).collect(),
            }
        })
    }

    /// Returns the contexts, the current one first.
    pub fn levels(&self) -> &[Level] {
        &self.levels
    }
}

impl Level {
    /// Returns the id of the context. Returns `None` for the placeholder of
    /// [`without_context`](crate::without_context).
    pub fn id(&self) -> Option<ContextId> {
        self.id
    }

    /// Returns the context's bindings, sorted by name.
    pub fn bindings(&self) -> &[Binding] {
        &self.bindings
    }
}

impl fmt::Debug for StackSnapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "thread {} ", self.thread)?;
        f.debug_list().entries(&self.levels).finish()
    }
}

impl fmt::Debug for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.id() {
            Some(id) => binding::tree(f, id, &self.bindings),
            None => f.write_str("no context"),
        }
    }
}
