//! Rules of the reader as a whole.
