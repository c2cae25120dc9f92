//! `$(NAME)` and `${NAME}`: vars that stay, variables that nobody expands, and those of containers.

pub(in crate::checks) mod container_variables;
pub(in crate::checks) mod left_over_vars;
pub(in crate::checks) mod unexpanded;
