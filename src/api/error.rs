//! What is thrown: an `Error` of JavaScript's own with a code and a place.

use js_sys::{Error, Reflect};
use wasm_bindgen::JsValue;

use crate::edit::Refusal;
use crate::edit::words::Mistake;
use crate::share::FileError;
use crate::simulation::ScenarioError;

/// Why something was not done.
#[derive(Debug)]
pub struct Thrown {
    code: &'static str,
    place: Option<String>,
    message: String,
}

impl Thrown {
    /// An argument that does not fit.
    pub fn argument(message: &str) -> Self {
        Thrown { code: "argument", place: None, message: message.to_owned() }
    }
}

impl From<FileError> for Thrown {
    fn from(error: FileError) -> Self {
        Thrown { code: "file", message: error.to_string(), place: Some(error.place) }
    }
}

impl From<ScenarioError> for Thrown {
    fn from(error: ScenarioError) -> Self {
        FileError::from(error).into()
    }
}

impl From<Mistake> for Thrown {
    fn from(mistake: Mistake) -> Self {
        Thrown { code: "command", place: Some(mistake.at.to_string()), message: mistake.problem }
    }
}

impl From<Refusal> for Thrown {
    fn from(refusal: Refusal) -> Self {
        let place = Some(refusal.place).filter(|place| !place.is_empty());
        Thrown { code: "refused", place, message: refusal.problem }
    }
}

impl From<Thrown> for JsValue {
    fn from(thrown: Thrown) -> Self {
        let error = Error::new(&thrown.message);
        // It is an object of our own, so it takes the fields.
        let _ = Reflect::set(&error, &"code".into(), &thrown.code.into());
        if let Some(place) = thrown.place {
            let _ = Reflect::set(&error, &"place".into(), &place.into());
        }
        error.into()
    }
}
