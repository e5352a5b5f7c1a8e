//! The kinds of values, and where each library keeps one.

use std::cell::RefCell;
use std::sync::Arc;

use ambient::Var;

/// A kind of values.
pub trait Kind: Clone + Send + Sync + Unpin + 'static {
    /// What the report calls it.
    const NAME: &'static str;

    /// Makes the value of a number.
    fn of(number: u64) -> Self;

    /// What a reader reads of it.
    fn word(&self) -> u64;

    /// Our variable.
    fn var() -> &'static Var<Self>;

    /// Two more.
    fn more_vars() -> [&'static Var<Self>; 2];

    /// Tokio's.
    fn task_local() -> &'static tokio::task::LocalKey<Self>;

    /// Two more.
    fn more_task_locals() -> [&'static tokio::task::LocalKey<Self>; 2];

    /// The standard library's.
    fn thread_local() -> &'static std::thread::LocalKey<RefCell<Option<Self>>>;
}

/// Declares what a kind has.
macro_rules! kind {
    ($kind:ty, $name:literal, $of:expr, $word:expr) => {
        impl Kind for $kind {
            const NAME: &'static str = $name;

            #[inline]
            fn of(number: u64) -> Self {
                $of(number)
            }

            #[inline]
            fn word(&self) -> u64 {
                $word(self)
            }

            #[inline]
            fn var() -> &'static Var<Self> {
                static VAR: Var<$kind> = Var::new("value");
                &VAR
            }

            fn more_vars() -> [&'static Var<Self>; 2] {
                static MORE: [Var<$kind>; 2] = [Var::new("second"), Var::new("third")];
                [&MORE[0], &MORE[1]]
            }

            #[inline]
            fn task_local() -> &'static tokio::task::LocalKey<Self> {
                tokio::task_local! {
                    static LOCAL: $kind;
                }
                &LOCAL
            }

            fn more_task_locals() -> [&'static tokio::task::LocalKey<Self>; 2] {
                tokio::task_local! {
                    static SECOND: $kind;
                    static THIRD: $kind;
                }
                [&SECOND, &THIRD]
            }

            #[inline]
            fn thread_local() -> &'static std::thread::LocalKey<RefCell<Option<Self>>> {
                thread_local! {
                    static LOCAL: RefCell<Option<$kind>> = RefCell::new(None);
                }
                &LOCAL
            }
        }
    };
}

kind!(u64, "number", |number| number, |word: &u64| *word);
kind!(Arc<u64>, "counted", Arc::new, |word: &Arc<u64>| **word);
