//! Remote trees and files, fetched by git and over HTTP.
