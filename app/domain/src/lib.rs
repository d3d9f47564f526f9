//! Which words does Stowage use, and which rules hold for them?
//!
//! Pure: no I/O, clock, randomness, Kubernetes or view types. The browser and the server run the same code, so a form
//! says the same thing before and after it is sent.
//!
//! | Module | Answers |
//! |---|---|
//! | [`quantity`] | how large, exactly |
//! | [`name`] | what may a volume, a class, a path be called |
//! | [`label`] | what does a person note about a volume |
//! | [`near`] | which of the real names was meant |
//! | [`owner`] | who is this person, towards the cluster |
//! | [`access`] | how many nodes may mount it, and how |
//! | [`storage_class`] | which kinds of storage are there |
//! | [`event`] | what did the cluster say about an object |
//! | [`usage`] | how full is a volume, and when will it be |
//! | [`persistent_volume`] | what storage does the cluster itself hold |
//! | [`volume`] | what is a volume, and what was asked for |
//! | [`cause`] | why is it as it is, and what to do |
//! | [`task`] | what is a task, and what was asked for |
//! | [`secret`] | what is known of a Secret, and what was entered |
//! | [`quota`] | what is left for one more |
//! | [`limits`] | how much may one person have at a time |
//! | [`filter`] | which volumes does a typed filter mean |
//! | [`listing`] | which of them are on the page, in which order |
//! | [`timeline`] | what happened in its life |
//! | [`allowed`] | may this be done now, and if not, why |
//! | [`token`] | what may a program do in a person's name |
//! | [`audit`] | which acts are written down |
//! | [`rights`] | does the portal's account hold what it needs, and how much more |
//! | [`problem`] | how is "no" said |
//! | [`text`] | how are times and ages written |

pub mod access;
pub mod allowed;
pub mod audit;
pub mod cause;
pub mod event;
pub mod filter;
pub mod label;
pub mod limits;
pub mod listing;
pub mod name;
pub mod near;
#[cfg(feature = "owner")]
pub mod owner;
pub mod persistent_volume;
pub mod problem;
pub mod quantity;
pub mod quota;
#[cfg(feature = "owner")]
pub mod rights;
pub mod secret;
pub mod storage_class;
pub mod task;
pub mod text;
pub mod timeline;
pub mod token;
pub mod usage;
pub mod volume;
