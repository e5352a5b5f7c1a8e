//! The access log of a web server.

mod fields;
mod time;

use fields::Fields;

/// One request: a line in the Common or the Combined Log Format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The client's address or host name.
    pub client: String,
    /// The authenticated user.
    pub user: Option<String>,
    /// The time of the request, in seconds since 1970.
    pub time: i64,
    /// The request line as the client sent it, which may be malformed.
    pub request: Option<String>,
    /// The status of the response, from 100 to 599.
    pub status: u16,
    /// The size of the response in bytes.
    pub size: Option<u64>,
    /// The referring page; not in the Common format.
    pub referrer: Option<String>,
    /// The client's user agent; not in the Common format.
    pub agent: Option<String>,
}

/// Why a line is not in the format.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// The line contains only white space.
    #[error("the line is empty")]
    Empty,
    /// The line is longer than the limit of this many bytes.
    #[error("the line is longer than {0} bytes")]
    TooLong(u64),
    /// A field is missing, and all fields after it.
    #[error("the line ends before its {0}")]
    Missing(&'static str),
    /// A field does not have its form.
    #[error("the {field} is not {expected} but `{found}`")]
    Invalid {
        /// The field.
        field: &'static str,
        /// The form that it should have.
        expected: &'static str,
        /// The start of its text, printable.
        found: String,
    },
    /// A quoted field has no closing quote.
    #[error("the quotes around the {0} are not closed")]
    Unclosed(&'static str),
}

impl Entry {
    /// Parses a line without its line feed. Fields after those of the Combined
    /// format are ignored: servers are often configured to add some.
    pub fn parse(line: &str) -> Result<Entry, Malformed> {
        if line.trim().is_empty() {
            return Err(Malformed::Empty);
        }
        let mut fields = Fields::new(line);
        let client = fields.up_to(" ", "client", "identity")?;
        let _identity = fields.up_to(" ", "identity", "user")?;
        // Servers do not escape the spaces in a user's name.
        let user = fields.up_to(" [", "user", "time")?;
        let time = fields.up_to("] ", "time", "request")?;
        let time = time::parse(time)
            .ok_or_else(|| fields::invalid("time", "like 10/Oct/2000:13:55:36 -0700", time))?;
        let request = fields.quoted("request")?;
        fields.space("status")?;
        let status = fields.up_to(" ", "status", "size")?;
        let status = status
            .parse()
            .ok()
            .filter(|status| (100..=599).contains(status))
            .ok_or_else(|| fields::invalid("status", "a number from 100 to 599", status))?;
        let size = match fields.word("size")? {
            "-" => None,
            size => Some(
                size.parse()
                    .map_err(|_| fields::invalid("size", "a number of bytes or `-`", size))?,
            ),
        };
        let (mut referrer, mut agent) = (None, None);
        if !fields.is_at_end() {
            fields.space("referrer")?;
            referrer = fields.quoted("referrer")?;
            fields.space("agent")?;
            agent = fields.quoted("agent")?;
        }
        Ok(Entry {
            client: client.to_owned(),
            user: fields::present(user),
            time,
            request,
            status,
            size,
            referrer,
            agent,
        })
    }

    /// Returns the method and the path of the request, if it has both.
    pub fn method_and_path(&self) -> Option<(&str, &str)> {
        let (method, rest) = self.request.as_deref()?.split_once(' ')?;
        let path = rest.rsplit_once(" HTTP/").map_or(rest, |(path, _)| path);
        Some((method, path))
    }
}
