//! The events that libyaml finds in a text.

use std::ffi::CStr;
use std::mem::MaybeUninit;

use libyaml_rs::{
    YAML_ALIAS_EVENT, YAML_DOCUMENT_END_EVENT, YAML_DOUBLE_QUOTED_SCALAR_STYLE,
    YAML_FLOW_MAPPING_STYLE, YAML_FLOW_SEQUENCE_STYLE, YAML_FOLDED_SCALAR_STYLE,
    YAML_LITERAL_SCALAR_STYLE, YAML_MAPPING_END_EVENT, YAML_MAPPING_START_EVENT, YAML_SCALAR_EVENT,
    YAML_SEQUENCE_END_EVENT, YAML_SEQUENCE_START_EVENT, YAML_SINGLE_QUOTED_SCALAR_STYLE,
    YAML_STREAM_END_EVENT, yaml_event_delete, yaml_event_t, yaml_parser_delete,
    yaml_parser_initialize, yaml_parser_parse, yaml_parser_set_input_string, yaml_parser_t,
};

/// Returns the events of the first document, in the form that the test writes trees in.
pub(crate) fn of(text: &str) -> Result<String, ()> {
    // SAFETY: the parser is initialized before and deleted after use, lives in one place, and the
    // text outlives it; every event is read as what its type says and deleted once.
    unsafe {
        let mut parser = MaybeUninit::<yaml_parser_t>::uninit();
        let parser = parser.as_mut_ptr();
        if yaml_parser_initialize(parser).fail {
            return Err(());
        }
        yaml_parser_set_input_string(parser, text.as_ptr(), text.len() as u64);
        let events = document(parser);
        yaml_parser_delete(parser);
        events
    }
}

unsafe fn document(parser: *mut yaml_parser_t) -> Result<String, ()> {
    let mut out = String::new();
    loop {
        let mut event = MaybeUninit::<yaml_event_t>::uninit();
        // SAFETY: see `of`.
        unsafe {
            if yaml_parser_parse(parser, event.as_mut_ptr()).fail {
                return Err(());
            }
            let mut event = event.assume_init();
            let kind = event.type_;
            write(&event, &mut out);
            yaml_event_delete(&mut event);
            if kind == YAML_DOCUMENT_END_EVENT || kind == YAML_STREAM_END_EVENT {
                return Ok(out);
            }
        }
    }
}

unsafe fn write(event: &yaml_event_t, out: &mut String) {
    // SAFETY: the type says which member of the union is set.
    unsafe {
        match event.type_ {
            YAML_SCALAR_EVENT => {
                let scalar = event.data.scalar;
                let bytes = std::slice::from_raw_parts(scalar.value, scalar.length as usize);
                let mark = match scalar.style {
                    YAML_SINGLE_QUOTED_SCALAR_STYLE => '\'',
                    YAML_DOUBLE_QUOTED_SCALAR_STYLE => '"',
                    YAML_LITERAL_SCALAR_STYLE => '|',
                    YAML_FOLDED_SCALAR_STYLE => '>',
                    _ => ':',
                };
                out.push_str(&format!("={mark}{:?} ", String::from_utf8_lossy(bytes)));
            }
            YAML_SEQUENCE_START_EVENT => {
                let flow = event.data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE;
                out.push_str(if flow { "+seq[] " } else { "+seq " });
            }
            YAML_SEQUENCE_END_EVENT => out.push_str("-seq "),
            YAML_MAPPING_START_EVENT => {
                let flow = event.data.mapping_start.style == YAML_FLOW_MAPPING_STYLE;
                out.push_str(if flow { "+map{} " } else { "+map " });
            }
            YAML_MAPPING_END_EVENT => out.push_str("-map "),
            YAML_ALIAS_EVENT => {
                let name = CStr::from_ptr(event.data.alias.anchor.cast());
                out.push_str(&format!("*{name:?} "));
            }
            _ => {}
        }
    }
}
