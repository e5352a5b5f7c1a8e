//! CPython's C API, as far as this crate needs it, behind safe types.
//!
//! All `unsafe` code of the crate is in this module, but for the contract of
//! `ContextHost` in `cells`. Its blocks refer to these rules by number:
//!
//! * **S1, attached.** The interpreter calls this crate with the thread attached, and this crate
//!   never detaches it. `Python` is the proof: it is made in
//!   the functions that the interpreter calls, and nowhere else. Handles are
//!   not `Send`, so they are dropped attached as well. Where the interpreter has a global lock, an
//!   attached thread has it. Where it has none, several threads are attached at once. Then what they
//!   share is atomic or locked (contexts' claims and bindings, tokens' marks, places of
//!   iterators, counts), does not change (variables, nodes that are shared), or is each thread's own
//!   (`spare`, `recent`, `release`, the states of threads). The collector stops all threads, none of which
//!   is inside of one of our locks: nothing is allocated there, and no reference given back
//!   (`Nodes::RUNS_CODE`).
//! * **S2, borrowed arguments.** What the interpreter passes to a function is
//!   alive for the length of the call, of the documented kind, and never NULL
//!   unless documented. A method or slot of a type gets an instance of that
//!   type as its receiver.
//! * **S3, owned references.** An `Object` owns one count of a live object.
//!   A function documented to give a new reference gives NULL with an
//!   exception set, or a count to its caller.
//! * **S4, layout.** An object of a type that was built for payload `P` is a
//!   `Layout<P>`, since the type's size is its size and the type has no
//!   subclasses. Its payload is written before anybody else can see the
//!   object, is only ever borrowed shared, and is taken out once, when the
//!   last count is gone.
//! * **S5, function items.** A function item has no size, so its value can be
//!   made out of nothing wherever its type is known, if there is a value at
//!   all; and one was passed in where the type came from.
//! * **S6, one interpreter.** The module refuses every interpreter but the
//!   first main one of the process. So types, once made, live as long as any
//!   code of this crate runs.
//! * **S7, tables.** What is handed to the interpreter for good (definitions
//!   of methods, slots, modules) is leaked or static, of the documented
//!   shape, and ends with an entry of zeros.
//! * **S8, counts.** An object begins with its count, a word: the stable ABI of
//!   3.11 promises it to extensions that count in place.

mod arguments;
mod class;
mod collector;
mod count;
mod interpreter;
mod layout;
mod method;
mod module;
mod nesting;
mod nodes;
mod object;
mod raised;
mod recent;
mod release;
mod slot;
mod spare;
mod watcher;
mod weak;

pub use arguments::{Arguments, Constructor, OneAndNamed, check_count};
pub use class::{Class, Type};
pub use interpreter::{interpreter_id, is_first, thread_dict, thread_state_id};
pub use layout::{Instance, NoWeakList, Payload, WeakReferences};
pub use method::Method;
pub use module::Module;
pub use nodes::{NodeClass, Nodes, Tree, Visit};
pub use object::{Immortal, Object};
pub use raised::Raised;
pub use recent::Recent;
pub use slot::Comparison;
pub use spare::Spares;
pub use watcher::Watcher;
pub use weak::{Anchored, WeakInstance};
