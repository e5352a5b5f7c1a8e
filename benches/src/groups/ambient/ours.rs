//! The subject.

use std::future::Future;

use ambient::{Context, ContextExt};

use super::contestant::Library;
use super::field;
use super::kinds::Kind;
use crate::report::Entrant;

/// Our variables.
#[derive(Clone, Copy)]
pub struct Ours;

impl<V: Kind> Library<V> for Ours {
    type Captured = Context;

    fn entrant(&self) -> Entrant {
        Entrant {
            name: "ambient",
            field: field::TASK_LOCAL,
        }
    }

    fn within(&self, value: V, body: impl FnOnce()) {
        V::var().scoped(value, body);
    }

    #[inline]
    fn get(&self) -> V {
        V::var().get().expect("it is set")
    }

    #[inline]
    fn scoped(&self, value: &V) -> u64 {
        let read = || V::var().with(|value| value.map_or(0, V::word));
        V::var().scoped(value.clone(), read)
    }

    #[inline]
    fn capture(&self) -> Context {
        Context::inherited()
    }

    #[inline]
    fn carry<F: Future<Output = ()> + 'static>(
        &self,
        future: F,
    ) -> impl Future<Output = ()> + 'static {
        future.inherit()
    }

    fn carry_three<F: Future<Output = ()> + 'static>(
        &self,
        future: F,
    ) -> impl Future<Output = ()> + 'static {
        let [second, third] = V::more_vars();
        let context = Context::inherited().with_value(second, V::of(2));
        future.in_context(context.with_value(third, V::of(3)))
    }
}
