//! A request about somebody's data: who asks for what, by when it is answered, and how it ended.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Deadlines, Law};
pub use crate::ids::RequestId;
use crate::{TenancyError, TenantId, Timestamp, UserId};

/// Longest reason, notice or detail, in characters.
const WORDS: usize = 2_000;

/// Gives the cases of a closed set their stored words.
macro_rules! words {
    ($name:ident { $($case:ident => $word:literal),+ $(,)? }) => {
        impl $name {
            /// Every case, in order.
            pub const ALL: &'static [Self] = &[$(Self::$case),+];

            /// The word in the store and on the command line.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$case => $word),+ }
            }

            /// Reads the stored word.
            pub fn parse(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.as_str() == word)
            }
        }
    };
}

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RequestKind {
    /// A copy of the data, with why, for whom and until when it is kept.
    Access,
    /// The data in a form that other programs read.
    Portability,
    /// That the data goes away.
    Deletion,
    /// That the data is stored and shown only: no language model, no improvement.
    Restriction,
    /// That processing for improvement, and by language models, stops.
    Objection,
}

words!(RequestKind {
    Access => "access",
    Portability => "portability",
    Deletion => "deletion",
    Restriction => "restriction",
    Objection => "objection",
});

/// How far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RequestState {
    /// It came in; who asks is not checked yet.
    Received,
    /// Who asks is checked.
    Verified,
    /// Done.
    Completed,
    /// Refused, with a reason.
    Refused,
    /// Taken back by whoever filed it.
    Withdrawn,
}

words!(RequestState {
    Received => "received",
    Verified => "verified",
    Completed => "completed",
    Refused => "refused",
    Withdrawn => "withdrawn",
});

/// How it was checked that the request comes from the one it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum IdentityCheck {
    /// It was filed with a key of the member's own.
    OwnKey,
    /// Somebody known to answer for the organisation confirmed it.
    Organisation,
    /// Called or written back at an address that was known before.
    CallBack,
    /// A document was shown; no copy is kept.
    Document,
}

words!(IdentityCheck {
    OwnKey => "own_key",
    Organisation => "organisation",
    CallBack => "call_back",
    Document => "document",
});

/// Whose data it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "whose", content = "member")]
pub enum RequestSubject {
    /// A member's.
    Member(UserId),
    /// A member's who was erased since: only a mark is left.
    Erased,
    /// The whole organisation's.
    Organisation,
}

/// A longer deadline, and why, as its person was told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Extension {
    /// When the notice was given.
    pub at: Timestamp,
    /// Why it takes longer; gone after an erasure.
    pub reason: Option<String>,
}

/// How it ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Closing {
    /// When.
    pub at: Timestamp,
    /// What was done, or why it was refused; gone after an erasure.
    pub note: Option<String>,
}

/// A request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PrivacyRequest {
    /// The organisation.
    pub tenant: TenantId,
    /// Identifier.
    pub id: RequestId,
    /// What is asked for.
    pub kind: RequestKind,
    /// Whose data.
    pub subject: RequestSubject,
    /// Which law's clock runs.
    pub law: Law,
    /// How far it is.
    pub state: RequestState,
    /// When it came in; the clock runs from here.
    pub received: Timestamp,
    /// The member who filed it; none for an operator.
    pub filed_by: Option<UserId>,
    /// What was asked in the person's words.
    pub details: Option<String>,
    /// How and when identity was checked.
    pub identity: Option<(IdentityCheck, Timestamp)>,
    /// A longer deadline.
    pub extension: Option<Extension>,
    /// How it ended.
    pub closed: Option<Closing>,
}

fn words(field: &'static str, text: &str) -> Result<String, TenancyError> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > WORDS {
        return Err(TenancyError::Invalid { field, rule: format!("must have 1 to {WORDS} characters") });
    }
    Ok(text.to_owned())
}

impl PrivacyRequest {
    /// Whether nothing more is to be done.
    pub fn is_closed(&self) -> bool {
        self.closed.is_some()
    }

    /// The deadlines, by the law and with an extension.
    pub fn deadlines(&self) -> Deadlines {
        let told = Deadlines::of(self.received, self.law);
        match self.extension {
            Some(_) => Deadlines { answer: told.extended, ..told },
            None => told,
        }
    }

    /// Whether it is open past its deadline.
    pub fn is_overdue(&self, now: Timestamp) -> bool {
        !self.is_closed() && now > self.deadlines().answer
    }

    /// Checks what was said of a new request.
    ///
    /// # Errors
    /// [`TenancyError::Invalid`] with the rule.
    pub fn check(&self, now: Timestamp) -> Result<(), TenancyError> {
        if let Some(details) = &self.details {
            words("details", details)?;
        }
        if self.received > now {
            return Err(TenancyError::Invalid {
                field: "received",
                rule: "must not lie in the future".to_owned(),
            });
        }
        Ok(())
    }

    fn open(&self) -> Result<(), TenancyError> {
        if self.is_closed() {
            return Err(TenancyError::Invalid {
                field: "state",
                rule: format!("the request is {} already; file a new one", self.state.as_str()),
            });
        }
        Ok(())
    }

    /// Notes that identity was checked.
    ///
    /// # Errors
    /// [`TenancyError::Invalid`] when it is closed.
    pub fn verify(&mut self, how: IdentityCheck, now: Timestamp) -> Result<(), TenancyError> {
        self.open()?;
        self.identity = Some((how, now));
        self.state = RequestState::Verified;
        Ok(())
    }

    /// Takes the longer deadline; the reason is what its person is told, and they must be told before the first one.
    ///
    /// # Errors
    /// [`TenancyError::Invalid`] when it is closed, extended already, or too late.
    pub fn extend(&mut self, reason: &str, now: Timestamp) -> Result<(), TenancyError> {
        self.open()?;
        let refused = |rule: String| Err(TenancyError::Invalid { field: "extension", rule });
        if self.extension.is_some() {
            return refused("the deadline was extended once already, and the law allows no more".to_owned());
        }
        let answer = self.deadlines().answer;
        if now > answer {
            return refused(format!("the notice had to be given until {answer}"));
        }
        self.extension = Some(Extension { at: now, reason: Some(words("reason", reason)?) });
        Ok(())
    }

    /// Refuses it with a reason.
    ///
    /// # Errors
    /// [`TenancyError::Invalid`] when it is closed, or no reason is given.
    pub fn refuse(&mut self, reason: &str, now: Timestamp) -> Result<(), TenancyError> {
        self.open()?;
        self.closed = Some(Closing { at: now, note: Some(words("reason", reason)?) });
        self.state = RequestState::Refused;
        Ok(())
    }

    /// Notes that it was done.
    ///
    /// # Errors
    /// [`TenancyError::Invalid`] when it is closed, or nobody checked who asks.
    pub fn complete(&mut self, note: &str, now: Timestamp) -> Result<(), TenancyError> {
        self.may_complete()?;
        self.closed = Some(Closing { at: now, note: Some(words("note", note)?) });
        self.state = RequestState::Completed;
        Ok(())
    }

    /// Whether it may be carried out.
    ///
    /// # Errors
    /// [`TenancyError::Invalid`] when it is closed, or nobody checked who asks.
    pub fn may_complete(&self) -> Result<(), TenancyError> {
        self.open()?;
        if self.identity.is_none() {
            return Err(TenancyError::Invalid {
                field: "identity",
                rule:
                    "who asks is not checked yet: `pm33-admin privacy verify-identity` notes how it was done"
                        .to_owned(),
            });
        }
        Ok(())
    }

    /// Takes it back.
    ///
    /// # Errors
    /// [`TenancyError::Invalid`] when it is closed.
    pub fn withdraw(&mut self, now: Timestamp) -> Result<(), TenancyError> {
        self.open()?;
        self.closed = Some(Closing { at: now, note: None });
        self.state = RequestState::Withdrawn;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const DAY: Duration = Duration::from_hours(24);

    fn request() -> PrivacyRequest {
        let now = Timestamp::from_micros(1_800_000_000_000_000);
        PrivacyRequest {
            tenant: TenantId::new(now),
            id: RequestId::new(now),
            kind: RequestKind::Access,
            subject: RequestSubject::Organisation,
            law: Law::Gdpr,
            state: RequestState::Received,
            received: now,
            filed_by: None,
            details: None,
            identity: None,
            extension: None,
            closed: None,
        }
    }

    #[test]
    fn nothing_is_carried_out_for_somebody_who_was_not_checked() {
        let mut one = request();
        let now = one.received.plus(DAY);
        assert!(one.complete("sent", now).is_err_and(|error| error.to_string().starts_with("identity")));
        assert!(one.verify(IdentityCheck::CallBack, now).is_ok());
        assert!(one.complete("sent", now).is_ok());
        assert_eq!(one.state, RequestState::Completed);
        for closed in [one.verify(IdentityCheck::Document, now), one.refuse("why", now), one.withdraw(now)] {
            assert!(closed.is_err_and(|error| error.to_string().contains("completed already")));
        }
    }

    #[test]
    fn a_deadline_is_extended_once_in_time_and_with_a_reason() {
        let mut one = request();
        let before = one.deadlines();
        assert!(one.extend(" ", one.received).is_err());
        let late = before.answer.plus(DAY);
        assert!(one.is_overdue(late) && !one.is_overdue(before.answer));
        assert!(one.extend("many", late).is_err_and(|error| error.to_string().contains("until")));
        assert!(one.extend("many", before.answer).is_ok());
        assert_eq!(one.deadlines().answer, before.extended);
        assert!(!one.is_overdue(late));
        assert!(one.extend("more", late).is_err_and(|error| error.to_string().contains("once")));
    }

    #[test]
    fn a_refusal_has_a_reason_and_words_survive_the_store() {
        let mut one = request();
        assert!(
            one.refuse("", one.received).is_err() && one.refuse(&"x".repeat(2_001), one.received).is_err()
        );
        assert!(one.refuse("manifestly unfounded", one.received).is_ok());
        for kind in RequestKind::ALL {
            assert_eq!(RequestKind::parse(kind.as_str()), Some(*kind));
        }
        for state in RequestState::ALL {
            assert_eq!(RequestState::parse(state.as_str()), Some(*state));
        }
        for check in IdentityCheck::ALL {
            assert_eq!(IdentityCheck::parse(check.as_str()), Some(*check));
        }
    }
}
