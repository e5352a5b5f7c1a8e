//! The things that take memory, and who makes them.

use std::mem::size_of;

use crate::figure;
use crate::groups::hot::library::Library;

/// So many variables are bound in the contexts that are copied.
pub const SIZE: u64 = 100;

/// So many of each thing are made, where it is not said how many.
const THINGS: usize = 10_000;

/// So many copies with a change each.
const COPIES: usize = 1_000_000;
/// As many as a first look has the time for.
const QUICK_COPIES: usize = 100_000;

/// Things that take memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Thing {
    /// A context that binds nothing.
    Context,
    /// A copy of a context, in which nothing has changed.
    Copy,
    /// A copy of a context, in which one variable has been set.
    ChangedCopy,
    /// A variable.
    Variable,
    /// A token, whose set is not undone.
    Token,
}

impl Thing {
    /// Every thing.
    pub const ALL: [Thing; 5] = [
        Thing::Context,
        Thing::Copy,
        Thing::Variable,
        Thing::Token,
        Thing::ChangedCopy,
    ];

    /// What the report calls it.
    pub fn name(self, quick: bool) -> String {
        match self {
            Thing::Context => "bytes, an empty context".into(),
            Thing::Copy => "bytes, a copy".into(),
            Thing::Variable => "bytes, a variable".into(),
            Thing::Token => "bytes, a token".into(),
            Thing::ChangedCopy => {
                let copies = figure::count(self.number(quick) as u64);
                format!("bytes, a copy with a change, of {copies}")
            }
        }
    }

    /// How many are made.
    pub fn number(self, quick: bool) -> usize {
        match self {
            Thing::ChangedCopy if quick => QUICK_COPIES,
            Thing::ChangedCopy => COPIES,
            _ => THINGS,
        }
    }
}

/// A library in a context that binds so many variables, which it leaves when it is dropped.
pub struct Maker<'a, L: Library> {
    library: &'a L,
    vars: Vec<L::Var>,
    context: L::Context,
    value: L::Value,
}

impl<'a, L: Library> Maker<'a, L> {
    /// Binds the variables.
    pub fn new(library: &'a L) -> Self {
        let maker = Maker {
            library,
            vars: (0..SIZE).map(|_| library.variable()).collect(),
            context: library.context(),
            value: library.value(1),
        };
        library.enter(&maker.context);
        for var in &maker.vars {
            drop(library.set(var, &library.value(0)));
        }
        maker
    }

    /// Makes so many things and puts them in the list, which is for this kind of things.
    pub fn make(&self, number: usize, things: &mut Things<L>) {
        let Maker { library, value, .. } = self;
        let vars = self.vars.iter().cycle().take(number);
        match things {
            Things::Contexts(list) => list.extend(vars.map(|_| library.context())),
            Things::Copies(list) => list.extend(vars.map(|_| library.copy_current())),
            Things::ChangedCopies(list) => list.extend(vars.map(|var| {
                let copy = library.copy_current();
                library.run(&copy, || drop(library.set(var, value)));
                copy
            })),
            Things::Variables(list) => list.extend(vars.map(|_| library.variable())),
            Things::Tokens(list) => list.extend(vars.map(|var| library.set(var, value))),
        }
    }
}

impl<L: Library> Drop for Maker<'_, L> {
    fn drop(&mut self) {
        self.library.exit(&self.context);
    }
}

/// A list of things that are kept.
pub enum Things<L: Library> {
    /// Of [`Thing::Context`].
    Contexts(Vec<L::Context>),
    /// Of [`Thing::Copy`].
    Copies(Vec<L::Context>),
    /// Of [`Thing::ChangedCopy`].
    ChangedCopies(Vec<L::Context>),
    /// Of [`Thing::Variable`].
    Variables(Vec<L::Var>),
    /// Of [`Thing::Token`].
    Tokens(Vec<L::Token>),
}

impl<L: Library> Things<L> {
    /// Makes a list that need not grow until it has so many.
    pub fn with_room_for(thing: Thing, number: usize) -> Self {
        match thing {
            Thing::Context => Things::Contexts(Vec::with_capacity(number)),
            Thing::Copy => Things::Copies(Vec::with_capacity(number)),
            Thing::ChangedCopy => Things::ChangedCopies(Vec::with_capacity(number)),
            Thing::Variable => Things::Variables(Vec::with_capacity(number)),
            Thing::Token => Things::Tokens(Vec::with_capacity(number)),
        }
    }

    /// The bytes of a place in the list.
    pub fn place(&self) -> usize {
        fn place<T>(_: &[T]) -> usize {
            size_of::<T>()
        }
        match self {
            Things::Contexts(list) | Things::Copies(list) | Things::ChangedCopies(list) => {
                place(list)
            }
            Things::Variables(list) => place(list),
            Things::Tokens(list) => place(list),
        }
    }
}
