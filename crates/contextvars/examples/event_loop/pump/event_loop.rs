//! A thread's event loop.

use super::bleed::Bleed;
use super::expected::Expected;
use super::report;
use super::span::Span;
use super::tally::Tally;
use super::task::{Next, Task};
use super::ticket::Ticket;
use contextvars::{copy_context, with_thread};
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};

/// A message to a loop.
pub enum Message {
    /// A new request.
    Request(Span, Ticket),
    /// A task from another loop.
    Task(Scheduled),
    /// A request to stop.
    Stop,
}

/// A task, and the receiver of its result.
pub struct Scheduled {
    task: Task,
    waiting: Waiting,
}

enum Waiting {
    /// The dealer, for the request's report.
    Dealer(Ticket),
    /// The parent, which all its children share. The last child to end takes it
    /// out, and its loop continues the parent.
    Parent(Arc<Scheduled>),
}

/// Runs tasks in turns, one step at a time.
pub struct EventLoop {
    inbox: Receiver<Message>,
    neighbour: Sender<Message>,
    ready: VecDeque<Scheduled>,
    tally: Tally,
}

impl EventLoop {
    /// Creates a loop that hands tasks over to `neighbour`.
    pub fn new(inbox: Receiver<Message>, neighbour: Sender<Message>) -> Self {
        EventLoop {
            inbox,
            neighbour,
            ready: VecDeque::new(),
            tally: Tally::default(),
        }
    }

    /// Runs until [`Message::Stop`].
    pub fn run(mut self) -> Tally {
        let version = || with_thread(|thread| thread.context_version().get());
        let before = version();
        loop {
            // Block only if no task is ready.
            let message = if self.ready.is_empty() {
                self.inbox.recv().ok()
            } else {
                self.inbox.try_recv().ok()
            };
            match message {
                Some(Message::Request(span, ticket)) => self.start(
                    Task::spawn(span, Expected::outside()),
                    Waiting::Dealer(ticket),
                ),
                Some(Message::Task(task)) => self.ready.push_back(task),
                Some(Message::Stop) => break,
                None => {}
            }
            if let Some(next) = self.ready.pop_front() {
                self.step(next);
            }
        }
        self.tally.switches = (version() - before) as u64;
        self.tally
    }

    fn start(&mut self, task: Task, waiting: Waiting) {
        self.tally.tasks += 1;
        self.ready.push_back(Scheduled { task, waiting });
    }

    fn step(&mut self, mut scheduled: Scheduled) {
        self.tally.steps += 1;
        let next = scheduled.task.step();
        if let Err(bleed) = check_after(&scheduled.task) {
            self.tally.count(bleed.into());
        }
        match next {
            Ok(Next::Yield) => self.ready.push_back(scheduled),
            Ok(Next::HandOver) => {
                self.tally.handovers += 1;
                // If the neighbour has ended, the dropped ticket notifies the dealer.
                let _ = self.neighbour.send(Message::Task(scheduled));
            }
            Ok(Next::Join(children)) => {
                let parent = Arc::new(scheduled);
                for child in children {
                    self.start(child, Waiting::Parent(Arc::clone(&parent)));
                }
            }
            Ok(Next::Done) => self.end(scheduled),
            Err(failure) => {
                self.tally.count(failure);
                self.end(scheduled);
            }
        }
    }

    fn end(&mut self, ended: Scheduled) {
        match ended.waiting {
            Waiting::Dealer(ticket) => ticket.hand_in(report::take(ended.task.context())),
            Waiting::Parent(parent) => self.ready.extend(Arc::into_inner(parent)),
        }
    }
}

/// Checks after a step that the task's context has been left, and that the loop's own
/// context binds nothing.
fn check_after(task: &Task) -> Result<(), Bleed> {
    if task.context().is_entered() {
        return Err(Bleed::Entered { task: task.name() });
    }
    match copy_context().iter().next() {
        None => Ok(()),
        Some((variable, value)) => Err(Bleed::Loop {
            task: task.name(),
            binding: format!("{variable:?} to {value:?}"),
        }),
    }
}

/// The senders to the loops. Dropping it stops them.
pub struct Inboxes(Vec<Sender<Message>>);

impl Inboxes {
    /// Creates `count` inboxes, and returns their receivers.
    pub fn new(count: usize) -> (Self, Vec<Receiver<Message>>) {
        let (senders, receivers) = (0..count).map(|_| channel()).unzip();
        (Inboxes(senders), receivers)
    }

    /// Returns the sender to the loop after this one.
    pub fn after(&self, index: usize) -> Sender<Message> {
        self.0[(index + 1) % self.0.len()].clone()
    }

    /// Sends a request to the loop whose turn it is.
    pub fn deal(&self, turn: u64, span: Span, ticket: Ticket) {
        let index = turn % self.0.len() as u64;
        // If the loop has ended, the dropped ticket notifies the dealer.
        let _ = self.0[index as usize].send(Message::Request(span, ticket));
    }
}

impl Drop for Inboxes {
    fn drop(&mut self) {
        for inbox in &self.0 {
            // Fails if the loop has ended already.
            let _ = inbox.send(Message::Stop);
        }
    }
}
