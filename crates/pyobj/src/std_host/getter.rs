//! Computed and stored attributes, which cannot be set.

use super::owner::Owner;
use super::{Exception, Object, ObjectRef, Receiver, Result, Type, Value, types};
use crate::ExceptionKind;

type Body = Box<dyn Fn(&Value) -> Option<Result> + Send + Sync>;

/// A read-only attribute of a type's instances, for [`Type::add_getter`].
pub struct Getter {
    name: &'static str,
    stored: bool,
    owner: Option<Owner>,
    body: Body,
}

impl Getter {
    /// Creates an attribute like those of CPython's `PyGetSetDef`, for the
    /// objects that `body`'s argument accepts.
    pub fn computed<R: Receiver>(
        name: &'static str,
        body: impl Fn(R) -> Result + Send + Sync + 'static,
    ) -> Self {
        let body = move |this: &Value| R::from_value(this).map(&body);
        Getter {
            name,
            stored: false,
            owner: None,
            body: Box::new(body),
        }
    }

    /// Creates an attribute like those of CPython's `PyMemberDef`, which has
    /// other errors and another `repr`.
    pub fn stored<R: Receiver>(
        name: &'static str,
        body: impl Fn(R) -> Result + Send + Sync + 'static,
    ) -> Self {
        Getter {
            stored: true,
            ..Getter::computed(name, body)
        }
    }

    /// Returns the name.
    pub fn name(&self) -> &'static str {
        self.name
    }

    pub(super) fn owned_by(mut self, class: &Type) -> Self {
        self.owner = Some(Owner::of(class));
        self
    }

    /// Reads the attribute of `this`.
    pub(super) fn get(&self, this: &Value) -> Result {
        (self.body)(this).unwrap_or_else(|| {
            Err(match &self.owner {
                Some(owner) => owner.refuses(self.name, this),
                None => this.class().refuses("has no such attribute"),
            })
        })
    }

    /// Returns the error for setting or deleting the attribute.
    pub(super) fn refuse_change(&self) -> Exception {
        Exception::text(
            ExceptionKind::AttributeError,
            match &self.owner {
                Some(owner) if !self.stored => format!(
                    "attribute '{}' of '{}' objects is not writable",
                    self.name, owner.full_name
                ),
                _ => "readonly attribute".to_owned(),
            },
        )
    }
}

impl Object for Getter {
    fn class(&self) -> &Type {
        if self.stored {
            &types::MEMBER_DESCRIPTOR
        } else {
            &types::GETSET_DESCRIPTOR
        }
    }

    fn repr(&self, _this: &ObjectRef) -> Result<String> {
        let kind = if self.stored { "member" } else { "attribute" };
        let owner = self.owner.as_ref().map_or("?", |owner| &owner.full_name);
        Ok(format!("<{kind} '{}' of '{owner}' objects>", self.name))
    }
}
