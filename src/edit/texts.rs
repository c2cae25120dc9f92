//! `set namespace`, `set nameprefix`, `set namesuffix`

use super::{Edit, fields};

impl Edit {
    /// Sets `namespace`; an empty one takes the field out.
    pub fn set_namespace(&mut self, value: &str) {
        fields::set_text(self.fields(), "namespace", value);
    }

    /// Sets `namePrefix`; an empty one takes the field out.
    pub fn set_name_prefix(&mut self, value: &str) {
        fields::set_text(self.fields(), "namePrefix", value);
    }

    /// Sets `nameSuffix`; an empty one takes the field out.
    pub fn set_name_suffix(&mut self, value: &str) {
        fields::set_text(self.fields(), "nameSuffix", value);
    }
}
