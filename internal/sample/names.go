package sample

import (
	"fmt"
	"strings"
)

// Names of people, things and places, from several languages.
func firstNames() []string {
	return strings.Fields(`
		Ada Amina Anders Aoife Bruno Carla Chen Daan Dana Elif Emeka Esra Fatima Felix Freya Giulia Hana
		Hugo Ida Ines Ivo Jana Jonas Kaito Karim Kofi Lars Leila Lena Lina Luca Maja Malik Mara Marta Mateo
		Mei Mikael Nadia Nils Noor Omar Otto Paola Petra Priya Rafael Ravi Rosa Samir Sara Selma Sofia Sven
		Tariq Tessa Theo Tom Uma Vera Viktor Yara Yusuf Zoe`)
}

func lastNames() []string {
	return strings.Fields(`
		Aho Almeida Andersen Bakker Bauer Berg Bianchi Costa Diallo Dubois Eriksen Falk Fernandez Fischer
		Garcia Haddad Hansen Ito Jansen Kaya Keller Khan Kim Kowalski Larsen Lind Lopez Mensah Meyer Moreau
		Müller Nakamura Novak O'Brien Okafor Olsen Park Patel Petrov Popescu Rahman Rossi Roth Sand Santos
		Schmidt Silva Singh Smit Sokolov Tanaka Toth Vega Virtanen Wagner Weber Wolf Yilmaz Zhang Zimmermann`)
}

func departments() []string {
	return []string{"Sales", "Marketing", "Finance", "Legal", "Research", "Engineering", "Operations", "Support",
		"Purchasing", "Logistics", "Quality",
		"Production", "Design", "People", "Facilities", "Security"}
}

func topics() []string {
	return []string{"Tidal", "Harbour", "Northern", "Meridian", "Aurora", "Basalt", "Cobalt", "Delta", "Ember", "Fjord",
		"Granite", "Horizon", "Indigo", "Juniper",
		"Kestrel", "Lagoon", "Marble", "Nimbus", "Onyx", "Pioneer", "Quartz", "River", "Summit", "Tundra", "Vertex", "Willow",
		"Zenith"}
}

func things() []string {
	return []string{"project", "reports", "archive", "release board", "planning", "prototype", "documents", "data room",
		"workshop", "dashboard", "tenders",
		"training", "budget", "field tests", "service desk", "knowledge base"}
}

func partnerKinds() []string {
	return []string{"Studio", "Partners", "Logistics", "Labs", "Consulting", "Systems", "Foods", "Energy", "Press",
		"Institute"}
}

// slug returns a name in the form for addresses and domains.
func slug(s string) string {
	s = strings.NewReplacer("ü", "u", "'", "", " ", "-").Replace(strings.ToLower(s))
	return s
}

// numberRepeats appends a number to names from their second use on.
func numberRepeats(seen map[string]int, name string) string {
	seen[name]++
	if n := seen[name]; n > 1 {
		return fmt.Sprintf("%s %d", name, n)
	}
	return name
}
