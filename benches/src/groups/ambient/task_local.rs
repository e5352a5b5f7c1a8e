//! `tokio::task_local!`.

use std::future::Future;

use super::contestant::Library;
use super::field;
use super::kinds::Kind;
use crate::report::Entrant;

/// Tokio's task-locals.
#[derive(Clone, Copy)]
pub struct TaskLocal;

impl<V: Kind> Library<V> for TaskLocal {
    type Captured = V;

    fn entrant(&self) -> Entrant {
        Entrant {
            name: "tokio::task_local!",
            field: field::TASK_LOCAL,
        }
    }

    fn within(&self, value: V, body: impl FnOnce()) {
        V::task_local().sync_scope(value, body);
    }

    #[inline]
    fn get(&self) -> V {
        V::task_local().with(V::clone)
    }

    #[inline]
    fn scoped(&self, value: &V) -> u64 {
        let read = || V::task_local().with(V::word);
        V::task_local().sync_scope(value.clone(), read)
    }

    /// There is no way to take all that is set: one names the variable.
    #[inline]
    fn capture(&self) -> V {
        V::task_local().with(V::clone)
    }

    #[inline]
    fn carry<F: Future<Output = ()> + 'static>(
        &self,
        future: F,
    ) -> impl Future<Output = ()> + 'static {
        let value = V::task_local().with(V::clone);
        V::task_local().scope(value, future)
    }

    fn carry_three<F: Future<Output = ()> + 'static>(
        &self,
        future: F,
    ) -> impl Future<Output = ()> + 'static {
        let [second, third] = V::more_task_locals();
        let first = V::task_local().with(V::clone);
        let future = V::task_local().scope(first, future);
        second.scope(V::of(2), third.scope(V::of(3), future))
    }
}
