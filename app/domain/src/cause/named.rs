//! How is a cause called? A table of names makes a type: for volumes (`super::id`) and for tasks (`crate::task::cause::id`).

/// Which colour goes with a cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    Good,
    Wait,
    Calm,
    Bad,
}

/// What a cause is called where no sentence fits.
pub(crate) struct Names {
    pub(crate) id: &'static str,
    pub(crate) label: &'static str,
    pub(crate) tone: Tone,
    pub(crate) icon: &'static str,
    pub(crate) heading: &'static str,
}

/// No cause has this name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no cause named {0}")]
pub struct NoSuchCause(pub(crate) String);

/// The type, and for each of its causes: name, label, tone, silhouette, heading.
macro_rules! named_causes {
    ($Id:ident; $($variant:ident, $id:literal, $label:literal, $tone:ident, $icon:literal, $heading:literal;)*) => {
        /// Crosses as its kebab-case name, which does not change.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(into = "&'static str", try_from = "String")]
        pub enum $Id { $($variant,)* }

        impl $Id {
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            const fn names(self) -> $crate::cause::Names {
                match self {
                    $(Self::$variant => $crate::cause::Names {
                        id: $id,
                        label: $label,
                        tone: $crate::cause::Tone::$tone,
                        icon: $icon,
                        heading: $heading,
                    },)*
                }
            }

            pub fn as_str(self) -> &'static str {
                self.names().id
            }

            /// The word beside the silhouette.
            pub fn label(self) -> &'static str {
                self.names().label
            }

            pub fn tone(self) -> $crate::cause::Tone {
                self.names().tone
            }

            /// The name of the silhouette in the icon sprite.
            pub fn icon(self) -> &'static str {
                self.names().icon
            }

            /// `None` when there is nothing to explain.
            pub fn heading(self) -> Option<&'static str> {
                Some(self.names().heading).filter(|heading| !heading.is_empty())
            }
        }

        impl std::fmt::Display for $Id {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $Id {
            type Err = $crate::cause::NoSuchCause;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::ALL.iter().copied().find(|id| id.as_str() == text).ok_or_else(|| $crate::cause::NoSuchCause(text.to_owned()))
            }
        }

        impl TryFrom<String> for $Id {
            type Error = $crate::cause::NoSuchCause;
            fn try_from(text: String) -> Result<Self, Self::Error> {
                text.parse()
            }
        }

        impl From<$Id> for &'static str {
            fn from(id: $Id) -> Self {
                id.as_str()
            }
        }
    };
}

pub(crate) use named_causes;
