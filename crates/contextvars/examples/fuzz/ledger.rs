//! The model: what is bound where, who is in which context, and so which values are alive.
//!
//! A value must be alive if it can be reached: from a handle of a context, a stack, a token, a
//! snapshot, or an open read that was given it. Else it must be dead, unless an open read
//! excuses it: [`Rule`] says which one does.
//!
//! Where a panic unwinds through the engine, or a thread's state goes, the model does not say
//! in which order contexts are left. It is *unsure* then: it takes over what it observes, and
//! compares again when the step is done.

use crate::domain::Alive;
use crate::fail::fail;
use crate::program::{THREADS, VARS};
use threadstate::Holder;

/// Which open read excuses a displaced value that is still alive, and the bindings of a context
/// that was left. In each case one of the same thread that began before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Rule {
    /// One that was given that value.
    Value,
    /// One that was given a value in the same activation of the context.
    Activation,
    /// Any, of a variable that is not bound too.
    Thread,
}

pub type ContextId = usize;
pub type ValueId = usize;
pub type Bound = [Option<ValueId>; VARS];

/// What is reachable.
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

pub struct Ledger {
    rule: Rule,
    /// The address of each context, and what it binds.
    contexts: Vec<(usize, Bound)>,
    /// Each value, and the context that it owns.
    values: Vec<(Alive, Option<ContextId>)>,
    pub stacks: [Vec<Frame>; THREADS],
    reads: Vec<Read>,
    /// Values that reads excuse.
    waiting: Vec<(ValueId, Vec<u64>)>,
    /// What steps that are under way hold.
    held: Vec<Root>,
    /// How deep in code that cannot be followed.
    pub unsure: usize,
    next: u64,
}

impl Ledger {
    pub fn new(rule: Rule) -> Self {
        Ledger {
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

    /// The context at an address: of several, all but the last are dead.
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

    /// Steps end in the opposite order, but for what they let go of before.
    pub fn let_go(&mut self, root: Root) {
        let same = |held: &Root| match (held, root) {
            (Root::Context(a), Root::Context(b)) => *a == b,
            (Root::Value(a), Root::Value(b)) => *a == b,
            _ => false,
        };
        let place = self.held.iter().rposition(same).expect("it is held");
        self.held.remove(place);
    }

    /// The thread that is in a context, and whether that is its base.
    pub fn holder(&self, context: ContextId) -> Option<(usize, Frame)> {
        let stacks = self.stacks.iter().enumerate();
        let mut frames =
            stacks.flat_map(|(thread, stack)| stack.iter().map(move |frame| (thread, *frame)));
        frames.find(|(_, frame)| frame.context == context)
    }

    pub fn current(&self, thread: usize) -> Option<Frame> {
        self.stacks[thread].last().copied()
    }

    /// How many contexts a thread has entered.
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

    /// A thread has left a context.
    fn left(&mut self, thread: usize, frame: Frame) {
        for value in self.contexts[frame.context].1.into_iter().flatten() {
            self.excuse(thread, frame, value);
        }
    }

    /// Binds a variable in the thread's current context, or not.
    pub fn bind(&mut self, thread: usize, var: usize, value: Option<ValueId>) {
        let Some(frame) = self.current(thread) else {
            return;
        };
        let old = std::mem::replace(&mut self.contexts[frame.context].1[var], value);
        if let Some(old) = old {
            self.excuse(thread, frame, old);
        }
    }

    /// Takes all bindings out of a context, if no thread is in it.
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

    /// Ends a read. What it was given is there until then.
    pub fn end_read(&mut self, id: u64) {
        self.check_alive();
        self.reads.retain(|read| read.id != id);
        let reads = &self.reads;
        self.waiting.retain_mut(|(_, excused_by)| {
            excused_by.retain(|id| reads.iter().any(|read| read.id == *id));
            !excused_by.is_empty()
        });
    }

    /// The stack of a thread as it is: the address and the holder of each context, the lowest
    /// first.
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
                fail("stack", "a context that was never made");
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
                format!("thread {thread} is in {entered} contexts, and says {depth}"),
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

    /// Fails where a value that an open read was given is dead.
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

    /// Compares what is alive with what is reachable from `roots` and from what the ledger knows.
    /// `in_callback`: while something is dropped, so that what is dead in the model may be alive.
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
            fail("early drop", format!("value {value} can be reached"));
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
            fail(
                kind,
                format!("value {value} is alive, and nothing reaches it"),
            );
        }
    }

    /// Notes the values that can be reached.
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
