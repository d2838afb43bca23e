//! Passwords as RabbitMQ keeps them: a salt of four bytes and the hash of salt and password, in base64.
//!
//! Source: `rabbit/src/rabbit_password.erl`, `rabbit_password_hashing_sha256.erl`, `rabbit_password_hashing_sha512.erl`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256, Sha512};

use super::name::Name;

/// The algorithm of every hash that is made here.
pub const SHA256: &str = "rabbit_password_hashing_sha256";
const SHA512: &str = "rabbit_password_hashing_sha512";
const SALT_BYTES: usize = 4;

/// What a user logs in with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Password {
    /// The password itself.
    Plain(Name),
    /// Its hash, from a broker's export.
    Hashed {
        /// Salt and hash, base64. Empty is no password: such a user cannot log in with any.
        hash: Name,
        /// The algorithm. With one that is unknown here nobody can log in.
        algorithm: Name,
    },
}

impl Password {
    /// Whether a client that sends this password is let in. A blank one never is.
    pub fn is(&self, sent: &str) -> bool {
        if sent.is_empty() {
            return false;
        }
        match self {
            Password::Plain(password) => *password == *sent,
            Password::Hashed { hash, algorithm } => {
                let Some(stored) = decoded(hash) else { return false };
                let Some((salt, digest)) = stored.split_at_checked(SALT_BYTES) else { return false };
                match algorithm.as_str() {
                    SHA256 => digest == Sha256::new().chain_update(salt).chain_update(sent).finalize().as_slice(),
                    SHA512 => digest == Sha512::new().chain_update(salt).chain_update(sent).finalize().as_slice(),
                    _ => false,
                }
            }
        }
    }

    /// The hash, if it is no base64.
    pub(crate) fn undecodable(&self) -> Option<&Name> {
        match self {
            Password::Hashed { hash, .. } if decoded(hash).is_none() => Some(hash),
            _ => None,
        }
    }

    /// Whether its algorithm is one that can be compared with here.
    pub fn is_known(&self) -> bool {
        match self {
            Password::Plain(_) => true,
            Password::Hashed { algorithm, .. } => matches!(algorithm.as_str(), SHA256 | SHA512),
        }
    }

    /// The hash and its algorithm, as they are exported. RabbitMQ draws the salt; here it follows from the user's name, so
    /// that the same broker gives the same export.
    pub fn hashed(&self, user: &str) -> (Name, Name) {
        match self {
            Password::Hashed { hash, algorithm } => (hash.clone(), algorithm.clone()),
            Password::Plain(password) => {
                let salt = Sha256::digest(user);
                let salt = salt.split_at_checked(SALT_BYTES).map_or(&[][..], |(salt, _)| salt);
                let mut stored = salt.to_vec();
                stored.extend(Sha256::new().chain_update(salt).chain_update(password.as_str()).finalize());
                (STANDARD.encode(stored).into(), SHA256.into())
            }
        }
    }
}

/// Lines may be broken anywhere, as in Erlang's `base64:decode/1`.
fn decoded(hash: &str) -> Option<Vec<u8>> {
    let hash: String = hash.chars().filter(|sign| !sign.is_ascii_whitespace()).collect();
    STANDARD.decode(hash).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_of_a_real_broker_lets_its_password_in_and_no_other() {
        let hash = "PPk8R+TIS8kCYx2xJGqc38cU0w5inPoYjrgC5mx5HLB6OZSy";
        let hashed = |algorithm: &str| Password::Hashed { hash: hash.into(), algorithm: algorithm.into() };
        assert!(hashed(SHA256).is("guest"));
        assert!(!hashed(SHA256).is("Guest"));
        assert!(!hashed(SHA256).is(""));
        assert!(!hashed("rabbit_password_hashing_md5").is("guest"));
        assert!(!Password::Hashed { hash: Name::default(), algorithm: SHA256.into() }.is(""));
        assert!(!Password::Plain(Name::default()).is(""));
    }

    #[test]
    fn what_is_exported_lets_the_same_password_in() {
        let (hash, algorithm) = Password::Plain("secret".into()).hashed("bob");
        let back = Password::Hashed { hash, algorithm };
        assert!(back.is("secret"));
        assert!(!back.is("public"));
        assert_eq!(back.hashed("somebody else"), back.hashed("bob"));
    }
}
