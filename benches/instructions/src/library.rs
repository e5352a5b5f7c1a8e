//! What is measured, as operations that all have.

/// Context variables, on the thread that measures.
///
/// An operation that fails panics: what is measured raises nothing.
pub trait Library {
    /// A value; a clone is what the library's users pay for one more.
    type Value: Clone;
    /// A variable without a default.
    type Var;
    /// A counted handle to a context.
    type Context: Clone;
    /// What undoes a set.
    type Token;

    /// Makes the value of a number.
    fn value(&self, number: u64) -> Self::Value;

    /// What a reader reads of a value.
    fn word(value: &Self::Value) -> u64;

    /// Makes a variable; all have one name, which is in the program's text.
    fn variable(&self) -> Self::Var;

    /// Makes an empty context.
    fn context(&self) -> Self::Context;

    /// Copies the current context.
    fn copy_current(&self) -> Self::Context;

    /// Reads a word of a variable's value, or of the default where it is not set, with as little as
    /// the library needs for that.
    fn read(&self, var: &Self::Var, default: Option<&Self::Value>) -> u64;

    /// Gets a variable's value, to keep.
    fn get(&self, var: &Self::Var) -> Option<Self::Value>;

    /// Sets a variable.
    fn set(&self, var: &Self::Var, value: &Self::Value) -> Self::Token;

    /// Undoes a set.
    fn reset(&self, var: &Self::Var, token: Self::Token);

    /// Sets a variable for the length of a call.
    fn scoped(&self, var: &Self::Var, value: &Self::Value, body: impl FnOnce()) {
        let token = self.set(var, value);
        body();
        self.reset(var, token);
    }

    /// Runs a call in a context.
    fn run(&self, context: &Self::Context, body: impl FnOnce());

    /// Runs a call in a context that nothing else has a handle of.
    fn run_alone(&self, context: &mut Self::Context, body: impl FnOnce()) {
        self.run(context, body);
    }

    /// Captures what is bound, and runs a call in it: what a callback costs that goes on in what was
    /// bound when it was registered.
    fn run_captured(&self, body: impl FnOnce()) {
        self.run_alone(&mut self.copy_current(), body);
    }

    /// `context[var]`, to keep, whichever thread is in the context.
    fn item(&self, context: &Self::Context, var: &Self::Var) -> Option<Self::Value>;

    /// Iterates over a context's values, and adds up what a reader reads of them.
    fn sum(&self, context: &Self::Context) -> u64;
}
