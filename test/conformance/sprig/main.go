// Prints what Sprig, and Go's own YAML and TOML writers behind Helm's functions, answer for a table of template expressions.
// Reads {"data": …, "expressions": […]} and writes [{"output": …} | {"error": …}]. See rebuild.ts.
package main

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"text/template"

	"github.com/BurntSushi/toml"
	"github.com/Masterminds/sprig"
	"sigs.k8s.io/yaml"
)

type question struct {
	Data        map[string]interface{} `json:"data"`
	Expressions []string               `json:"expressions"`
}

type answer struct {
	Output string `json:"output"`
	Error  string `json:"error,omitempty"`
}

func main() {
	var asked question
	if err := json.NewDecoder(os.Stdin).Decode(&asked); err != nil {
		panic(err)
	}
	answers := make([]answer, 0, len(asked.Expressions))
	for _, expression := range asked.Expressions {
		answers = append(answers, run(expression, asked.Data))
	}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(answers); err != nil {
		panic(err)
	}
}

func run(expression string, data map[string]interface{}) (result answer) {
	defer func() {
		if problem := recover(); problem != nil {
			result = answer{Error: "panic"}
		}
	}()
	parsed, err := template.New("t").Funcs(functions()).Option("missingkey=zero").Parse("{{ " + expression + " }}")
	if err != nil {
		return answer{Error: err.Error()}
	}
	var output bytes.Buffer
	if err := parsed.Execute(&output, copied(data)); err != nil {
		return answer{Error: err.Error()}
	}
	return answer{Output: strings.ReplaceAll(output.String(), "<no value>", "")}
}

// Each expression sees the data as it was: some functions change their arguments.
func copied(data map[string]interface{}) map[string]interface{} {
	text, err := json.Marshal(data)
	if err != nil {
		panic(err)
	}
	var again map[string]interface{}
	if err := json.Unmarshal(text, &again); err != nil {
		panic(err)
	}
	return again
}

func functions() template.FuncMap {
	all := sprig.TxtFuncMap()
	delete(all, "env")
	delete(all, "expandenv")
	// What Helm adds or replaces, by what its documentation says of each.
	all["getHostByName"] = func(string) string { return "" }
	all["toYaml"] = func(value interface{}) string {
		text, err := writeYaml(value)
		if err != nil {
			return ""
		}
		return text
	}
	all["mustToYaml"] = writeYaml
	all["fromYaml"] = func(text string) map[string]interface{} {
		found := map[string]interface{}{}
		if err := yaml.Unmarshal([]byte(text), &found); err != nil {
			found["Error"] = err.Error()
		}
		return found
	}
	all["fromYamlArray"] = func(text string) []interface{} {
		found := []interface{}{}
		if err := yaml.Unmarshal([]byte(text), &found); err != nil {
			return []interface{}{err.Error()}
		}
		return found
	}
	all["fromJson"] = func(text string) map[string]interface{} {
		found := map[string]interface{}{}
		if err := json.Unmarshal([]byte(text), &found); err != nil {
			found["Error"] = err.Error()
		}
		return found
	}
	all["fromJsonArray"] = func(text string) []interface{} {
		found := []interface{}{}
		if err := json.Unmarshal([]byte(text), &found); err != nil {
			return []interface{}{err.Error()}
		}
		return found
	}
	all["toJson"] = func(value interface{}) string {
		text, err := json.Marshal(value)
		if err != nil {
			return ""
		}
		return string(text)
	}
	all["toToml"] = func(value interface{}) string {
		var text bytes.Buffer
		if err := toml.NewEncoder(&text).Encode(value); err != nil {
			return err.Error()
		}
		return text.String()
	}
	all["fromToml"] = func(text string) map[string]interface{} {
		found := map[string]interface{}{}
		if err := toml.Unmarshal([]byte(text), &found); err != nil {
			found["Error"] = err.Error()
		}
		return found
	}
	return all
}

func writeYaml(value interface{}) (string, error) {
	text, err := yaml.Marshal(value)
	return strings.TrimSuffix(string(text), "\n"), err
}
