//! `thread_local!`: follows nothing, and costs the least.

use std::future::Future;

use super::contestant::Library;
use super::field;
use super::kinds::Kind;
use crate::report::Entrant;

/// The standard library's thread-locals.
#[derive(Clone, Copy)]
pub struct ThreadLocal;

impl<V: Kind> Library<V> for ThreadLocal {
    type Captured = V;

    fn entrant(&self) -> Entrant {
        Entrant {
            name: "thread_local!",
            field: field::FLOOR,
        }
    }

    fn within(&self, value: V, body: impl FnOnce()) {
        V::thread_local().set(Some(value));
        body();
        V::thread_local().take();
    }

    #[inline]
    fn get(&self) -> V {
        let kept = V::thread_local().with_borrow(Option::clone);
        kept.expect("it is set")
    }

    #[inline]
    fn scoped(&self, value: &V) -> u64 {
        let old = V::thread_local().replace(Some(value.clone()));
        let read = |kept: &Option<V>| kept.as_ref().map_or(0, V::word);
        let word = V::thread_local().with_borrow(read);
        V::thread_local().set(old);
        word
    }

    #[inline]
    fn capture(&self) -> V {
        self.get()
    }

    /// It stays behind: the future is as it was.
    #[inline]
    fn carry<F: Future<Output = ()> + 'static>(
        &self,
        future: F,
    ) -> impl Future<Output = ()> + 'static {
        future
    }

    /// As above.
    fn carry_three<F: Future<Output = ()> + 'static>(
        &self,
        future: F,
    ) -> impl Future<Output = ()> + 'static {
        future
    }
}
