// Package ui has the components that pages are made of. They know how things
// look and how they are announced, and no word of entitlement management. Every
// text arrives ready to print.
package ui
