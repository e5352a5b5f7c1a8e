//! The rows of the table, and what is asked of the subject in each.

use super::field;
use super::fixture::COPIES;
use super::kinds;
use crate::bound::Bound;

/// One operation, or a few that go together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Row {
    /// Read one variable again and again, without keeping the value.
    Read,
    /// Get the value of one variable again and again.
    Get,
    /// Get the value of each variable in turn.
    GetAround,
    /// Get a value that was not asked for since the last switch.
    GetMiss,
    /// The same, of a few variables only, however many there are.
    GetMissOfFew,
    /// Ask for a variable that is not set, with a default.
    GetUnset,
    /// Set one variable again and again.
    Set,
    /// Set each variable in turn.
    SetAround,
    /// Set a variable and reset it, each in turn.
    SetReset,
    /// Set a variable for the length of a call, each in turn.
    Scoped,
    /// Copy the current context and drop the copy.
    Copy,
    /// Enter and leave a context that others hold, too.
    EnterExit,
    /// Run in a context that nobody else holds.
    Run,
    /// Copy the current context and run in the copy: a callback.
    Callback,
    /// The same, and read and set a variable there: a step of a task.
    TaskStep,
    /// The same, and keep the value that is read.
    TaskStepOwned,
    /// Copy the current context, drop the copy before, and set a variable.
    CopySet,
    /// Look a variable up in a context that is not the current one.
    Item,
    /// Make a variable and drop it.
    Create,
    /// Set ten variables, and visit all that are bound.
    Iterate,
    /// Copy the current context and set a variable in the copy, of which a hundred live.
    ManyCopies,
}

impl Row {
    /// Every row, in the order of the table.
    pub const ALL: [Row; 21] = [
        Row::Read,
        Row::Get,
        Row::GetAround,
        Row::GetMiss,
        Row::GetMissOfFew,
        Row::GetUnset,
        Row::Set,
        Row::SetAround,
        Row::SetReset,
        Row::Scoped,
        Row::Copy,
        Row::EnterExit,
        Row::Run,
        Row::Callback,
        Row::TaskStep,
        Row::TaskStepOwned,
        Row::CopySet,
        Row::Item,
        Row::Create,
        Row::Iterate,
        Row::ManyCopies,
    ];

    /// What the report calls it.
    pub fn name(self) -> &'static str {
        match self {
            Row::Read => "get, cached, borrowed",
            Row::Get => "get, cached, owned",
            Row::GetAround => "get, all in turn",
            Row::GetMiss => "get, cache miss",
            Row::GetMissOfFew => "get, cache miss, of ten",
            Row::GetUnset => "get, unset, with a default",
            Row::Set => "set",
            Row::SetAround => "set, all in turn",
            Row::SetReset => "set + reset",
            Row::Scoped => "scoped",
            Row::Copy => "copy + drop",
            Row::EnterExit => "enter + exit, shared handle",
            Row::Run => "run, handle held alone",
            Row::Callback => "copy + enter + exit",
            Row::TaskStep => "copy + enter + get + set + exit",
            Row::TaskStepOwned => "copy + enter + get, owned + set + exit",
            Row::CopySet => "copy and set in turn",
            Row::Item => "ctx[var]",
            Row::Create => "create + drop a variable",
            Row::Iterate => "ten sets, and iterate",
            Row::ManyCopies => "copy and set there, of 100 alive",
        }
    }

    /// What the subject may need, against the best of each field.
    pub fn bounds(self, size: u64, counted: bool) -> Vec<(&'static str, Bound)> {
        let alone = size == 1;
        // In a context with very many variables all bounds are against a small one.
        let of_few = match self {
            Row::Read | Row::GetMissOfFew => Some(4.0),
            _ => None,
        };
        let of_cpython = match self {
            Row::Read => Some(1.0),
            // A value that is counted has a bound of its own: the count is not ours.
            Row::Get => (!counted).then_some(1.0),
            // CPython keeps the last value of each variable on the variable. There is no such
            // cache here, and no bound.
            Row::GetAround => None,
            // What it takes to keep a value is in a row of its own.
            Row::TaskStepOwned => None,
            // What may get slower when others get faster.
            Row::Iterate | Row::ManyCopies => None,
            Row::GetMiss | Row::GetMissOfFew | Row::GetUnset => Some(0.9),
            Row::Set | Row::SetAround => Some(if alone { 0.7 } else { 0.5 }),
            Row::SetReset => Some(if alone { 0.6 } else { 0.4 }),
            Row::Scoped => Some(0.4),
            Row::Copy | Row::Callback => Some(0.8),
            Row::EnterExit => Some(1.3),
            Row::Run => Some(0.6),
            Row::TaskStep => Some(if alone { 1.0 } else { 0.5 }),
            Row::CopySet | Row::Item | Row::Create => Some(1.0),
        };
        let of_parts = (self == Row::Get && counted).then_some(1.1);
        let of_cpython = of_cpython.filter(|_| size <= 1_000);
        let shares = [
            (field::CPYTHON, of_cpython),
            (field::PARTS, of_parts),
            (field::FEW, of_few),
        ];
        Bound::of_fields(shares, self.is_strict())
    }

    /// Whether no cell may miss its bound: get, set, and a task's step.
    fn is_strict(self) -> bool {
        matches!(
            self,
            Row::Read
                | Row::Get
                | Row::GetMiss
                | Row::GetMissOfFew
                | Row::GetUnset
                | Row::Set
                | Row::SetAround
                | Row::TaskStep
        )
    }

    /// Whether it says anything about contexts of this size.
    pub fn suits(self, size: u64) -> bool {
        match self {
            // One variable in turn is one again and again.
            Row::GetAround | Row::SetAround => size > 1,
            // Where there are few, they are all.
            Row::GetMissOfFew => size > 1_000,
            _ => true,
        }
    }

    /// Whether it leaves other values behind.
    pub fn sets(self) -> bool {
        matches!(
            self,
            Row::Set | Row::SetAround | Row::CopySet | Row::Iterate
        )
    }

    /// Into how many equal parts one iteration falls, each of which the report gives the cost of.
    pub fn parts(self) -> u64 {
        match self {
            Row::ManyCopies => COPIES,
            _ => 1,
        }
    }

    /// What progress calls it.
    pub fn title(self, size: u64, counted: bool) -> String {
        let (values, name) = (kinds::name(counted), self.name());
        format!("{size} variables, {values}: {name}")
    }
}
