//! The model: the bindings of each context, the stack of each thread, and so the live values.
//!
//! A value must be alive if it is reachable from a handle of a context, a stack, a token, a
//! snapshot, or an open read of it. Otherwise it must be dead, unless an open read excuses it
//! by the chosen [`Rule`].
//!
//! If a panic unwinds through the engine, or a thread's state is dropped, the model does not know
//! in which order contexts are left. It is *unsure* then: it adopts the stacks that it observes,
//! and compares again when the step is done.

use crate::domain::Alive;
use crate::fail::fail;
use crate::program::{THREADS, VARS};
use threadstate::Holder;

/// Which open reads excuse a live value that was displaced, or bound in a context that was left.
/// They always belong to the same thread, and began before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Rule {
    /// Reads of that value.
    Value,
    /// Reads of any value in the same activation of the context.
    Activation,
    /// All reads, also of an unbound variable.
    Thread,
}

pub type ContextId = usize;
pub type ValueId = usize;
pub type Bound = [Option<ValueId>; VARS];

/// A reachable object.
#[derive(Clone, Copy)]
pub enum Root {
    Context(ContextId),
    Value(ValueId),
}

#[derive(Clone, Copy)]
pub struct Frame {
    pub context: ContextId,
    pub is_base: bool,
    pub activation: u64,
}

struct Read {
    id: u64,
    thread: usize,
    activation: u64,
    value: Option<ValueId>,
}

pub struct Model {
    rule: Rule,
    /// The address and the bindings of each context.
    contexts: Vec<(usize, Bound)>,
    /// Each value, and the context that it owns.
    values: Vec<(Alive, Option<ContextId>)>,
    pub stacks: [Vec<Frame>; THREADS],
    reads: Vec<Read>,
    /// Values that reads excuse.
    waiting: Vec<(ValueId, Vec<u64>)>,
    /// Objects that running steps hold.
    held: Vec<Root>,
    /// The nesting of calls whose effect the model does not know.
    pub unsure: usize,
    next: u64,
}

impl Model {
    pub fn new(rule: Rule) -> Self {
        Model {
            rule,
            contexts: Vec::new(),
            values: Vec::new(),
            stacks: Default::default(),
            reads: Vec::new(),
            waiting: Vec::new(),
            held: Vec::new(),
            unsure: 0,
            next: 0,
        }
    }

    fn next(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    pub fn add_context(&mut self, address: usize, bound: Bound) -> ContextId {
        self.contexts.push((address, bound));
        self.contexts.len() - 1
    }

    pub fn add_value(&mut self, alive: Alive, owned: Option<ContextId>) {
        self.values.push((alive, owned));
    }

    pub fn next_value(&self) -> ValueId {
        self.values.len()
    }

    /// Returns the context at an address. Of several, only the last is alive.
    pub fn at(&self, address: usize) -> Option<ContextId> {
        self.contexts
            .iter()
            .rposition(|context| context.0 == address)
    }

    pub fn bound(&self, context: ContextId) -> &Bound {
        &self.contexts[context].1
    }

    pub fn hold(&mut self, root: Root) {
        self.held.push(root);
    }

    /// Releases a held object. Searches from the end, since inner steps end first.
    pub fn release(&mut self, root: Root) {
        let same = |held: &Root| match (held, root) {
            (Root::Context(a), Root::Context(b)) => *a == b,
            (Root::Value(a), Root::Value(b)) => *a == b,
            _ => false,
        };
        let place = self.held.iter().rposition(same).expect("it is held");
        self.held.remove(place);
    }

    /// Returns the thread that has entered a context or has it as its base, and the frame.
    pub fn holder(&self, context: ContextId) -> Option<(usize, Frame)> {
        let stacks = self.stacks.iter().enumerate();
        let mut frames =
            stacks.flat_map(|(thread, stack)| stack.iter().map(move |frame| (thread, *frame)));
        frames.find(|(_, frame)| frame.context == context)
    }

    pub fn current(&self, thread: usize) -> Option<Frame> {
        self.stacks[thread].last().copied()
    }

    /// Returns the number of contexts that a thread has entered.
    pub fn depth(&self, thread: usize) -> usize {
        self.stacks[thread]
            .iter()
            .filter(|frame| !frame.is_base)
            .count()
    }

    pub fn push(&mut self, thread: usize, context: ContextId, is_base: bool) {
        let activation = self.next();
        self.stacks[thread].push(Frame {
            context,
            is_base,
            activation,
        });
    }

    pub fn pop(&mut self, thread: usize) {
        if let Some(frame) = self.stacks[thread].pop() {
            self.left(thread, frame);
        }
    }

    /// Records that a thread has left a context.
    fn left(&mut self, thread: usize, frame: Frame) {
        for value in self.contexts[frame.context].1.into_iter().flatten() {
            self.excuse(thread, frame, value);
        }
    }

    /// Binds a variable in the thread's current context, or removes its binding.
    pub fn bind(&mut self, thread: usize, var: usize, value: Option<ValueId>) {
        let Some(frame) = self.current(thread) else {
            return;
        };
        let old = std::mem::replace(&mut self.contexts[frame.context].1[var], value);
        if let Some(old) = old {
            self.excuse(thread, frame, old);
        }
    }

    /// Removes all bindings of a context, if no thread has claimed it.
    pub fn clear(&mut self, context: ContextId) -> bool {
        let is_free = self.holder(context).is_none();
        if is_free {
            self.contexts[context].1 = Bound::default();
        }
        is_free
    }

    fn excuse(&mut self, thread: usize, frame: Frame, value: ValueId) {
        let excuses = |read: &&Read| {
            read.thread == thread
                && match self.rule {
                    Rule::Value => read.value == Some(value),
                    Rule::Activation => read.value.is_some() && read.activation == frame.activation,
                    Rule::Thread => true,
                }
        };
        let reads: Vec<u64> = self
            .reads
            .iter()
            .filter(excuses)
            .map(|read| read.id)
            .collect();
        if !reads.is_empty() {
            self.waiting.push((value, reads));
        }
    }

    pub fn begin_read(&mut self, thread: usize, value: Option<ValueId>) -> u64 {
        let id = self.next();
        let activation = self.current(thread).map_or(0, |frame| frame.activation);
        self.reads.push(Read {
            id,
            thread,
            activation,
            value,
        });
        id
    }

    /// Ends a read. Its value must be alive until then.
    pub fn end_read(&mut self, id: u64) {
        self.check_alive();
        self.reads.retain(|read| read.id != id);
        let reads = &self.reads;
        self.waiting.retain_mut(|(_, excused_by)| {
            excused_by.retain(|id| reads.iter().any(|read| read.id == *id));
            !excused_by.is_empty()
        });
    }

    /// Compares a thread's stack with the model: the address and the holder of each context, the
    /// lowest first. Adopts the stack if the model is unsure.
    pub fn observe(
        &mut self,
        thread: usize,
        id: threadstate::ThreadId,
        seen: &[(usize, Holder)],
        depth: usize,
    ) {
        let mut frames = Vec::new();
        for (place, (address, holder)) in seen.iter().enumerate() {
            let Some(context) = self.at(*address) else {
                fail("stack", "a context that was never created");
            };
            let is_base = *holder == Holder::BaseOf(id);
            if !(is_base && place == 0 || *holder == Holder::EnteredBy(id)) {
                fail(
                    "claim",
                    format!(
                        "context {context}, {place} from below on thread {thread}, is held by {holder:?}"
                    ),
                );
            }
            frames.push((context, is_base));
        }
        let entered = frames.iter().filter(|(_, is_base)| !is_base).count();
        if entered != depth {
            fail(
                "depth",
                format!("thread {thread} has entered {entered} contexts, but its depth is {depth}"),
            );
        }
        let old = self.stacks[thread].clone();
        let known: Vec<_> = old
            .iter()
            .map(|frame| (frame.context, frame.is_base))
            .collect();
        if known == frames {
            return;
        }
        if self.unsure == 0 {
            fail(
                "stack",
                format!("thread {thread} is in {frames:?}, not in {known:?}"),
            );
        }
        let frame = |(context, is_base)| match old
            .iter()
            .find(|frame| (frame.context, frame.is_base) == (context, is_base))
        {
            Some(frame) => *frame,
            None => Frame {
                context,
                is_base,
                activation: self.next(),
            },
        };
        self.stacks[thread] = frames.iter().copied().map(frame).collect();
        for frame in old
            .into_iter()
            .rev()
            .filter(|frame| !known_again(frame, &frames))
        {
            self.left(thread, frame);
        }
    }

    /// Fails if the value of an open read is dead.
    fn check_alive(&self) {
        for read in &self.reads {
            if let Some(value) = read.value.filter(|value| !self.is_alive(*value)) {
                fail(
                    "read of a dead value",
                    format!("value {value}, on thread {}", read.thread),
                );
            }
        }
    }

    fn is_alive(&self, value: ValueId) -> bool {
        self.values[value]
            .0
            .load(std::sync::atomic::Ordering::Relaxed)
    }

    /// Compares the live values with those reachable from `roots` and from the model's own state.
    /// `in_callback`: a drop is running, so a value that is dead in the model may still be alive.
    pub fn check(&self, roots: impl Iterator<Item = Root>, in_callback: bool) {
        self.check_alive();
        if self.unsure > 0 {
            return;
        }
        let frames = self
            .stacks
            .iter()
            .flatten()
            .map(|frame| Root::Context(frame.context));
        let read = self
            .reads
            .iter()
            .filter_map(|read| read.value)
            .map(Root::Value);
        let mut reached = vec![false; self.values.len()];
        self.reach(
            roots
                .chain(self.held.iter().copied())
                .chain(frames)
                .chain(read),
            &mut reached,
        );
        let values = 0..self.values.len();
        if let Some(value) = values
            .clone()
            .find(|value| reached[*value] && !self.is_alive(*value))
        {
            fail("early drop", format!("value {value} is dead and reachable"));
        }
        if in_callback {
            return;
        }
        let waiting = self.waiting.iter().map(|(value, _)| Root::Value(*value));
        self.reach(waiting, &mut reached);
        if let Some(value) = values
            .clone()
            .find(|value| !reached[*value] && self.is_alive(*value))
        {
            let kind = match self.reads.iter().map(|read| read.value.is_some()).max() {
                None => "late drop",
                Some(false) => "late drop, in reads of nothing",
                Some(true) => "late drop, in reads",
            };
            fail(kind, format!("value {value} is alive and not reachable"));
        }
    }

    /// Marks the values that are reachable from `roots`.
    fn reach(&self, roots: impl Iterator<Item = Root>, reached: &mut [bool]) {
        let mut roots: Vec<Root> = roots.collect();
        while let Some(root) = roots.pop() {
            match root {
                Root::Context(context) => {
                    roots.extend(
                        self.contexts[context]
                            .1
                            .iter()
                            .flatten()
                            .map(|value| Root::Value(*value)),
                    );
                }
                Root::Value(value) if !reached[value] => {
                    reached[value] = true;
                    roots.extend(self.values[value].1.map(Root::Context));
                }
                Root::Value(_) => {}
            }
        }
    }
}

fn known_again(frame: &Frame, frames: &[(ContextId, bool)]) -> bool {
    frames.contains(&(frame.context, frame.is_base))
}
