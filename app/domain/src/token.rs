//! What may an API token be called, what may it do, and for how long?

#[cfg(feature = "owner")]
mod secret;

#[cfg(feature = "owner")]
pub use secret::Secret;

use crate::{problem::FieldErrors, text::is_invisible};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

pub const NAME_MAX: usize = 64;
pub const MOST_PER_PERSON: usize = 20;
pub const DAYS: u16 = 90;
pub const DAYS_MAX: u16 = 365;

/// What a token may do, at most what its person may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Scope {
    #[serde(rename = "volumes:read")]
    VolumesRead,
    #[serde(rename = "volumes:write")]
    VolumesWrite,
    #[serde(rename = "tasks:read")]
    TasksRead,
    #[serde(rename = "tasks:write")]
    TasksWrite,
    #[serde(rename = "admin")]
    Admin,
}

impl Scope {
    pub const ALL: [Self; 5] = [Self::VolumesRead, Self::VolumesWrite, Self::TasksRead, Self::TasksWrite, Self::Admin];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::VolumesRead => "volumes:read",
            Self::VolumesWrite => "volumes:write",
            Self::TasksRead => "tasks:read",
            Self::TasksWrite => "tasks:write",
            Self::Admin => "admin",
        }
    }

    /// The field of the form that grants it.
    pub fn field(self) -> &'static str {
        match self {
            Self::VolumesRead => "volumes_read",
            Self::VolumesWrite => "volumes_write",
            Self::TasksRead => "tasks_read",
            Self::TasksWrite => "tasks_write",
            Self::Admin => "admin",
        }
    }

    pub fn in_words(self) -> &'static str {
        match self {
            Self::VolumesRead => "See your volumes",
            Self::VolumesWrite => "Make and delete volumes in your name",
            Self::TasksRead => "See your tasks and their logs",
            Self::TasksWrite => "Submit, stop and delete tasks in your name, and write the Secrets that they read",
            Self::Admin => "Use your administrator role: see everybody's volumes and tasks",
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Scope {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == text).ok_or(())
    }
}

/// A token as its owner sees it afterwards: without its secret. Times are seconds since 1970.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    pub id: String,
    pub name: String,
    pub scopes: Vec<Scope>,
    pub created: i64,
    pub expires: i64,
    /// To the minute.
    pub used: Option<i64>,
}

impl Token {
    /// Whether a token can have this id: 16 hexadecimal digits.
    pub fn is_id(text: &str) -> bool {
        text.len() == 16 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
    }

    pub fn may(&self, scope: Scope) -> bool {
        self.scopes.contains(&scope)
    }
}

/// How long a sign-in counts for the tokens of whoever signed in. A provider that takes a role or a person away tells the portal at
/// the next sign-in only. Seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignInCounts {
    /// For the administrators' role.
    pub for_role: i64,
    /// For anything at all.
    pub at_all: i64,
}

/// What is left of a token that long after its person's last sign-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    Whole,
    /// Everything but the administrators' role.
    WithoutRole,
    /// Nothing, until its person signs in again.
    Asleep,
}

impl SignInCounts {
    pub fn days(for_role: u16, at_all: u16) -> Self {
        Self { for_role: i64::from(for_role) * 86_400, at_all: i64::from(at_all) * 86_400 }
    }

    pub fn standing(self, signed_in: i64, now: i64) -> Standing {
        let age = now.saturating_sub(signed_in);
        if age >= self.at_all {
            Standing::Asleep
        } else if age >= self.for_role {
            Standing::WithoutRole
        } else {
            Standing::Whole
        }
    }
}

/// A token to be made. Only [`TokenForm::check`] makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenSpec {
    name: String,
    scopes: Vec<Scope>,
    days: u16,
}

impl TokenSpec {
    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn scopes(&self) -> &[Scope] {
        &self.scopes
    }

    pub fn days(&self) -> u16 {
        self.days
    }
}

/// The form for a new token: exactly what the page has. A scope's field says anything or nothing, as a box that is ticked or not.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TokenForm {
    pub name: String,
    pub days: String,
    pub volumes_read: String,
    pub volumes_write: String,
    pub tasks_read: String,
    pub tasks_write: String,
    pub admin: String,
}

impl TokenForm {
    /// What the form starts with.
    pub fn blank() -> Self {
        Self { days: DAYS.to_string(), volumes_read: "on".into(), volumes_write: "on".into(), ..Self::default() }
    }

    pub fn grants(&self, scope: Scope) -> bool {
        let field = match scope {
            Scope::VolumesRead => &self.volumes_read,
            Scope::VolumesWrite => &self.volumes_write,
            Scope::TasksRead => &self.tasks_read,
            Scope::TasksWrite => &self.tasks_write,
            Scope::Admin => &self.admin,
        };
        !field.is_empty()
    }

    /// Every field's sentence at once, or the token to make. Only an administrator can pass the role on.
    pub fn check(&self, is_admin: bool) -> Result<TokenSpec, FieldErrors> {
        let mut errors = FieldErrors::default();
        let name = self.name.trim();
        if name.is_empty() {
            errors.add("name", "Enter a name, for example what will use the token.");
        } else if name.chars().count() > NAME_MAX {
            errors.add("name", format!("Use at most {NAME_MAX} characters."));
        } else if name.chars().any(is_invisible) {
            errors.add("name", "Use one line of plain text, without invisible characters.");
        }
        let scopes: Vec<_> = Scope::ALL.into_iter().filter(|scope| self.grants(*scope)).collect();
        if scopes.is_empty() {
            errors.add("scopes", "Choose what the token may do.");
        } else if scopes.contains(&Scope::Admin) && !is_admin {
            errors.add("scopes", "Only administrators can make a token with their role.");
        }
        let days = match self.days.trim() {
            "" => Some(DAYS),
            days => days.parse().ok().filter(|days| (1..=DAYS_MAX).contains(days)),
        };
        match days {
            Some(days) if errors.is_empty() => Ok(TokenSpec { name: name.to_owned(), scopes, days }),
            Some(_) => Err(errors),
            None => {
                errors.add("days", format!("Enter a number of days from 1 to {DAYS_MAX}."));
                Err(errors)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str) -> TokenForm {
        TokenForm { name: name.into(), ..TokenForm::blank() }
    }

    fn wrong(form: &TokenForm) -> Vec<String> {
        form.check(false).unwrap_err().iter().map(|(field, _)| field.to_owned()).collect()
    }

    #[test]
    fn a_token_needs_a_name_and_lives_ninety_days_unless_told_otherwise() {
        let spec = TokenForm { days: String::new(), ..named(" backup ") }.check(false).unwrap();
        assert_eq!((spec.name(), spec.days(), spec.scopes()), ("backup", 90, &[Scope::VolumesRead, Scope::VolumesWrite][..]));
    }

    #[test]
    fn a_token_without_scopes_a_name_or_an_end_within_a_year_is_refused() {
        let none = TokenForm { volumes_read: String::new(), volumes_write: String::new(), ..named("a") };
        assert_eq!(wrong(&none), ["scopes"]);
        for name in ["", "  ", "a\nb", "a\u{202e}b", &"x".repeat(65), &"x".repeat(10_000)] {
            assert_eq!(wrong(&named(name)), ["name"], "{name}");
        }
        assert!(named(&"é".repeat(64)).check(false).is_ok());
        for days in ["0", "-1", "366", "36500", "1.5", "soon", "99999999999"] {
            assert_eq!(wrong(&TokenForm { days: days.into(), ..named("a") }), ["days"], "{days}");
        }
        assert_eq!(wrong(&TokenForm { days: "0".into(), ..TokenForm::default() }), ["days", "name", "scopes"], "all at once");
    }

    #[test]
    fn only_an_administrator_can_pass_the_role_on() {
        let form = TokenForm { admin: "on".into(), ..named("a") };
        assert_eq!(wrong(&form), ["scopes"]);
        assert!(form.check(true).unwrap().scopes().contains(&Scope::Admin));
    }

    #[test]
    fn a_token_loses_the_role_first_and_then_everything_when_its_person_does_not_sign_in() {
        let counts = SignInCounts::days(30, 180);
        let after = |seconds: i64| counts.standing(1_000, 1_000 + seconds);
        let day = 86_400;
        for (seconds, standing) in [
            (-5, Standing::Whole),
            (0, Standing::Whole),
            (30 * day - 1, Standing::Whole),
            (30 * day, Standing::WithoutRole),
            (180 * day - 1, Standing::WithoutRole),
            (180 * day, Standing::Asleep),
            (i64::MAX - 1_000, Standing::Asleep),
        ] {
            assert_eq!(after(seconds), standing, "{seconds}");
        }
        assert_eq!(SignInCounts::days(30, 7).standing(0, 8 * day), Standing::Asleep, "whichever is shorter");
    }

    #[test]
    fn every_scope_reads_back_and_nothing_else_does() {
        for scope in Scope::ALL {
            assert_eq!(scope.as_str().parse(), Ok(scope));
        }
        for bad in ["", "*", "volumes", "volumes:*", "Admin", "volumes:read volumes:write"] {
            assert_eq!(bad.parse::<Scope>(), Err(()), "{bad}");
        }
    }
}
