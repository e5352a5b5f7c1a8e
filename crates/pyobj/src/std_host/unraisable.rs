//! Exceptions that no code can catch.

use super::{Exception, Std};
use std::sync::{Arc, PoisonError, RwLock};

type Hook = Arc<dyn Fn(&str, &Exception) + Send + Sync>;

static HOOK: RwLock<Option<Hook>> = RwLock::new(None);

impl Std {
    /// Sets the hook that reports unraisable exceptions in this process. It is
    /// called with the report's first line and the exception. Without a hook,
    /// reports go to standard error in CPython's form.
    ///
    /// The hook runs on the thread that ignored the exception, with no lock
    /// held.
    pub fn set_unraisable_hook(hook: impl Fn(&str, &Exception) + Send + Sync + 'static) {
        Std::replace_hook(Some(Arc::new(hook)));
    }

    /// Removes the hook, so that reports go to standard error.
    pub fn reset_unraisable_hook() {
        Std::replace_hook(None);
    }

    fn replace_hook(hook: Option<Hook>) {
        let replaced = {
            let mut place = HOOK.write().unwrap_or_else(PoisonError::into_inner);
            std::mem::replace(&mut *place, hook)
        };
        drop(replaced);
    }

    pub(super) fn report(message: &str, exception: &Exception) {
        let hook = HOOK.read().unwrap_or_else(PoisonError::into_inner).clone();
        match hook {
            Some(hook) => hook(message, exception),
            None => eprintln!("{message}:\n{}", exception.chain()),
        }
    }
}
