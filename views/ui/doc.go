// Package ui has the components of pages: their look and their accessibility.
// They know nothing about entitlement management. All texts are passed in,
// already translated.
package ui
