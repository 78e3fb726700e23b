//! Java: Maven's `pom.xml` or Gradle's build script.

use super::{Reader, RunnerKind, Stage, TestRunner, join};
use crate::language::report::Format;

impl Reader<'_> {
    /// Reads what Maven or Gradle says of the project.
    pub(super) fn java(&mut self) {
        let gradle = ["build.gradle", "build.gradle.kts"].into_iter().find(|file| self.exists(file));
        match gradle.filter(|_| !self.exists("pom.xml")) {
            Some(file) => self.gradle(file),
            None => self.maven(),
        }
    }

    /// The wrapper in the project's folder or above, so that everybody runs the same version; else what is installed.
    fn wrapper(&self, wrapper: &str, program: &str) -> String {
        let (mut folder, mut up) = (self.project.folder.as_str(), String::from("./"));
        loop {
            if self.view.exists(&join(folder, wrapper)) {
                return format!("{up}{wrapper}");
            }
            if folder.is_empty() {
                return program.to_owned();
            }
            folder = folder.rsplit_once('/').map_or("", |(parent, _)| parent);
            up = if up == "./" { "../".to_owned() } else { format!("../{up}") };
        }
    }

    fn maven(&mut self) {
        let manifest = self.read("pom.xml").unwrap_or_default();
        let maven = self.wrapper("mvnw", "mvn");
        self.project.dependencies = maven_dependencies(&manifest);
        self.none(Stage::Setup, "Maven fetches what pom.xml names when it builds");
        if manifest.contains("spotless-maven-plugin") {
            self.set(Stage::Format, &format!("{maven} -B -q spotless:apply"), "pom.xml");
        } else {
            self.none(Stage::Format, "no formatter is configured (Spotless)");
        }
        self.set(Stage::Build, &format!("{maven} -B -q test-compile"), "pom.xml");
        if manifest.contains("maven-checkstyle-plugin") {
            self.set(Stage::Lint, &format!("{maven} -B -q checkstyle:check"), "pom.xml");
        } else {
            self.none(Stage::Lint, "no linter is configured (Checkstyle)");
        }
        self.set(Stage::Test, &format!("{maven} -B -q test"), "pom.xml");
        self.project.locks = vec!["pom.xml".to_owned()];
        self.project.runner = Some(TestRunner { kind: RunnerKind::Maven(maven), format: Format::JunitXml });
    }

    fn gradle(&mut self, file: &str) {
        let script = self.read(file).unwrap_or_default();
        let gradle = self.wrapper("gradlew", "gradle");
        // A dependency is a call or a string with coordinates: `implementation("a:b:1")`, `testImplementation 'a:b:1'`.
        let names = script.split(['"', '\'']).skip(1).step_by(2).filter(|text| text.split(':').count() >= 2);
        self.project.dependencies = names
            .filter_map(|text| text.split(':').nth(1).map(str::to_owned))
            .filter(|name| !name.is_empty())
            .collect();
        self.none(Stage::Setup, "Gradle fetches what the build script names when it builds");
        if script.contains("spotless") {
            self.set(Stage::Format, &format!("{gradle} -q --console=plain spotlessApply"), file);
        } else {
            self.none(Stage::Format, "no formatter is configured (Spotless)");
        }
        self.set(Stage::Build, &format!("{gradle} -q --console=plain testClasses"), file);
        if script.contains("checkstyle") {
            self.set(Stage::Lint, &format!("{gradle} -q --console=plain checkstyleMain checkstyleTest"), file);
        } else {
            self.none(Stage::Lint, "no linter is configured (Checkstyle)");
        }
        self.set(Stage::Test, &format!("{gradle} -q --console=plain test"), file);
        self.project.locks = vec![file.to_owned()];
        self.project.runner = Some(TestRunner { kind: RunnerKind::Gradle(gradle), format: Format::JunitXml });
    }
}

/// The artifacts that a pom.xml names as dependencies of its own.
fn maven_dependencies(manifest: &str) -> Vec<String> {
    let mut found = Vec::new();
    for part in manifest.split("<dependency>").skip(1) {
        let own = part.split("</dependency>").next().unwrap_or_default();
        let name = own.split_once("<artifactId>").and_then(|(_, rest)| rest.split('<').next());
        found.extend(name.map(|name| name.trim().to_owned()));
    }
    found
}
