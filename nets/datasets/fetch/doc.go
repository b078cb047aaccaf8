// Package fetch downloads data sets from their publishers into the data folder.
//
// A download goes to a file with .part after its name, is taken up again where it broke off, and is renamed only when its
// length and SHA-256 are the published ones. Nothing here runs unless a user asks for it.
package fetch
