//! 举报人: who told the office of a problem and wants to hear of it. Never part of an issue's document: it stays at the office.

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tipster {
    pub name: String,
    pub phone: String,
}

const MAX_NAME: usize = 40;
const MAX_PHONE: usize = 20;
/// A mobile number shows its ends; of a shorter one they would be most of it.
const MOBILE: usize = 11;

impl Tipster {
    pub fn is_allowed(&self) -> bool {
        let phone = self.phone.chars().all(|letter| letter.is_ascii_digit() || "+- ".contains(letter));
        let said = !(self.name.trim().is_empty() && self.phone.trim().is_empty());
        let name = self.name.chars().count() <= MAX_NAME && !self.name.chars().any(char::is_control);
        said && name && phone && self.phone.len() <= MAX_PHONE
    }

    /// Enough to recognise somebody by who knows him already. Says nothing of how long it is.
    pub fn masked(&self) -> Self {
        let name = self.name.trim().chars().next().map(|first| format!("{first}**")).unwrap_or_default();
        let phone = self.phone.trim();
        let phone = match phone.len() {
            0 => String::new(),
            MOBILE.. => format!("{}****{}", &phone[..3], &phone[phone.len() - 4..]),
            _ => "****".into(),
        };
        Self { name, phone }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tipster(name: &str, phone: &str) -> Tipster {
        Tipster { name: name.into(), phone: phone.into() }
    }

    #[test]
    fn a_mask_hides_what_would_name_a_person() {
        assert_eq!(tipster("欧阳小明", "13812345678").masked(), tipster("欧**", "138****5678"));
        assert_eq!(tipster("", "86571234").masked(), tipster("", "****"));
        assert_eq!(tipster("李", "").masked(), tipster("李**", ""));
    }

    #[test]
    fn only_what_can_be_a_name_and_a_number_is_taken() {
        assert!(tipster("张三", "").is_allowed() && tipster("", "0571-8657 1234").is_allowed());
        let long = "长".repeat(41);
        for (name, phone) in [
            ("", " "),
            ("张三", "１３８"),
            ("张三", "138;drop"),
            (&long, ""),
            ("张\n三", ""),
            ("", "123456789012345678901"),
        ] {
            assert!(!tipster(name, phone).is_allowed(), "{name:?} {phone:?}");
        }
    }
}
