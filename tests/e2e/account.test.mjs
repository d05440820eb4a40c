// Accounts and projects in the portal and in the lab.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { after } from "node:test";

import axe from "axe-core";

import { another, journey, programText, screenshot, typeProgram, until, variable } from "./harness.mjs";
import { Sink } from "./mail.mjs";

const PASSWORD = "correct horse battery";
const BELL = "OPENQASM 3.0;\ninclude \"stdgates.inc\";\nqubit[2] q;\nh q[0];\ncx q[0], q[1];\n";

const sink = await Sink.start();
after(() => sink.stop());
const MAIL = { server: (url) => sink.args(url) };

/** Takes out the answers that a step was meant to get. */
function expected(problems, ...statuses) {
  for (const status of statuses) {
    for (const start of [`${status}: `, "console: Failed to load resource"]) {
      const at = problems.findIndex((problem) => problem.startsWith(start) && problem.includes(start === `${status}: ` ? "/api/" : String(status)));
      assert.ok(at >= 0, `${status} in ${JSON.stringify(problems)}`);
      problems.splice(at, 1);
    }
  }
}

async function accessible(page, name) {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
  const told = violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 200)).join("\n")}`);
  assert.deepEqual(told, [], name);
  const wide = await page.evaluate(() => document.querySelector("main").scrollWidth - document.querySelector("main").clientWidth);
  assert.ok(wide <= 0, `${name}: ${wide} px too wide`);
}

/** Axe and a picture at three looks. */
async function look(page, name) {
  // Without motion, so that colors are there at once.
  await page.emulateMedia({ reducedMotion: "reduce" });
  await page.evaluate(() => document.activeElement?.blur());
  await accessible(page, name);
  await screenshot(page, `portal-${name}`);
  const size = page.viewportSize();
  // Without motion, so that colors are there at once.
  await page.emulateMedia({ colorScheme: "dark", reducedMotion: "reduce" });
  await accessible(page, `${name}, dark`);
  await page.setViewportSize({ width: 390, height: 844 });
  await accessible(page, `${name}, phone`);
  await screenshot(page, `portal-${name}-phone-dark`, { fullPage: true });
  await page.setViewportSize(size);
  await page.emulateMedia({ colorScheme: "light", reducedMotion: null });
}

const title = (page, text) => page.getByRole("heading", { level: 1, name: text, exact: true }).waitFor();

async function signUp(page, server, email, name = "") {
  await page.goto(`${server.url}/account/sign-up`);
  await page.getByLabel("E-mail address").fill(email);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByLabel("Name", { exact: true }).fill(name);
  await page.getByRole("button", { name: "Create an account" }).click();
}

async function signIn(page, server, email, password = PASSWORD) {
  await page.goto(`${server.url}/account/sign-in`);
  await page.getByLabel("E-mail address").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
}

const yes = (page, name) => page.getByRole("dialog").getByRole("button", { name, exact: true }).click();
const said = (page, text) => page.locator(".toast", { hasText: text }).waitFor();

journey("an account is made by mail, keeps the guest's work, and ends", { ...MAIL, timeout: 240_000 }, async ({ page, server, browser, problems }) => {
  // The lab's circuit is saved by a guest.
  await page.goto(server.url);
  await typeProgram(page, BELL);
  await page.locator(".name input").fill("Bell pair");
  await page.keyboard.press("Control+s");
  await said(page, "Saved as version 1");

  // The lab's menu leads to the portal.
  await page.getByRole("button", { name: "Account" }).click();
  await page.getByRole("menuitem", { name: "Sign in" }).click();
  await title(page, "Sign in");
  await look(page, "sign-in");
  await page.getByRole("link", { name: "Create an account" }).click();
  await title(page, "Create an account");
  await page.getByText("becomes your account's").waitFor();

  // Errors stand at their fields.
  await page.getByLabel("E-mail address").fill("ada@nowhere");
  await page.getByLabel("Password").fill("short");
  await page.getByRole("button", { name: "Create an account" }).click();
  await page.locator(".field-note.wrong").waitFor();
  assert.match(await page.locator(".field-note.wrong").textContent(), /not an e-mail address/);
  expected(problems, 422);
  await look(page, "sign-up");
  await page.getByLabel("E-mail address").fill("ada@example.org");
  await page.getByRole("button", { name: "Create an account" }).click();
  await page.locator(".field-note.wrong", { hasText: "at least 10" }).waitFor();
  expected(problems, 422);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByLabel("Name", { exact: true }).fill("Ada");
  await page.getByRole("button", { name: "Create an account" }).click();
  await page.getByText("on its way to ada@example.org").waitFor();

  // The link is followed in the same browser, where the session goes on.
  await page.goto(await sink.link("ada@example.org", "/account/verify"));
  await look(page, "verify");
  await page.getByRole("button", { name: "Confirm" }).click();
  await page.getByText("you are signed in").waitFor();
  await page.locator(".column").getByRole("link", { name: "Projects" }).click();
  await page.getByRole("link", { name: "Bell pair" }).waitFor();
  await look(page, "projects");

  // Elsewhere: a wrong password, then the right one, and the circuit in the lab.
  const other = await another(browser, problems);
  await signIn(other, server, "ada@example.org", "not this one, surely");
  await other.locator(".field-note.wrong").waitFor();
  expected(problems, 401);
  await other.getByLabel("Password").fill(PASSWORD);
  await other.getByRole("button", { name: "Sign in", exact: true }).click();
  await other.getByRole("link", { name: "Bell pair" }).click();
  await title(other, "Bell pair");
  await look(other, "project");
  await other.getByRole("link", { name: "Open Bell pair" }).click();
  await until("the circuit is open", async () => (await programText(other)).includes("cx q[0], q[1]"));

  // Sessions: the first browser ends the second one's.
  await page.goto(`${server.url}/account`);
  await title(page, "Account");
  await look(page, "account");
  await page.getByRole("button", { name: /^End the session/ }).click();
  await page.getByRole("button", { name: /^End the session/ }).waitFor({ state: "detached" });
  await other.goto(`${server.url}/account`);
  await other.getByText("You are not signed in").waitFor();
  await look(other, "stranger");

  // A token is shown once, and works.
  await page.getByLabel("What it is for").fill("my notebook");
  await page.getByRole("button", { name: "Create token" }).click();
  const token = await page.getByLabel("The new token").inputValue();
  const asked = await fetch(`${server.url}/api/v1/projects`, { headers: { authorization: `Bearer ${token}` } });
  assert.equal((await asked.json()).projects.length, 1);
  await page.reload();
  await page.getByText("my notebook").waitFor();
  assert.equal(await page.getByLabel("The new token").count(), 0);
  await page.getByRole("button", { name: "Delete my notebook" }).click();
  await yes(page, "Delete");
  await page.getByText("There are none.").waitFor();

  // Preferences follow.
  await page.getByRole("radio", { name: "Deutsch" }).click();
  await title(page, "Konto");
  await look(page, "account-de");
  await until("the server knows the language", async () => page.evaluate(async () => (await (await fetch("/api/v1/me/preferences")).json()).language === "german"));

  // A forgotten password is set by mail, and ends all sessions.
  await other.goto(`${server.url}/account/reset`);
  await look(other, "reset");
  await other.getByLabel("E-mail address").fill("ada@example.org");
  await other.getByRole("button", { name: "Send the link" }).click();
  await other.getByText("on its way there").waitFor();
  const link = await sink.link("ada@example.org", "/account/reset");
  await other.goto(link);
  await other.getByLabel("New password").fill("another horse entirely");
  await other.getByRole("button", { name: "Set password" }).click();
  await title(other, "Sign in");
  await signIn(other, server, "ada@example.org", "another horse entirely");
  // The account speaks German by now.
  await title(other, "Projekte");
  await page.goto(`${server.url}/account`);
  await page.getByText("Du bist nicht angemeldet").waitFor();
  // The link is used up.
  await page.goto(link);
  await page.getByLabel("Neues Passwort").fill("a third horse, of course");
  await page.getByRole("button", { name: "Passwort setzen" }).click();
  await page.getByText("schon benutzt").waitFor();
  expected(problems, 410);

  // Export and deletion.
  await other.goto(`${server.url}/account`);
  const [download] = await Promise.all([other.waitForEvent("download"), other.getByRole("link", { name: "Alles exportieren" }).click()]);
  const zip = await readFile(await download.path());
  assert.equal(zip.subarray(0, 2).toString(), "PK");
  assert.ok(zip.includes("Bell"), "the project is in it");
  await other.getByRole("button", { name: "Konto löschen" }).click();
  await yes(other, "Konto löschen");
  await title(other, "Anmelden");
  await signInGerman(other, "ada@example.org", "another horse entirely");
  await other.locator(".field-note.wrong").waitFor();
  expected(problems, 401);
});

async function signInGerman(page, email, password) {
  await page.getByLabel("E-Mail-Adresse").fill(email);
  await page.getByLabel("Passwort").fill(password);
  await page.getByRole("button", { name: "Anmelden", exact: true }).click();
}

journey("a project has versions, is shared, copied and kept twice where two save", { timeout: 240_000 }, async ({ page, server, browser, problems }) => {
  await signUp(page, server, "ada@example.org", "Ada");
  await page.getByText("No projects yet").waitFor();
  await look(page, "projects-empty");
  await page.getByRole("button", { name: "New project" }).click();
  await title(page, "New project");
  await page.getByLabel("Name", { exact: true }).fill("Teleportation");
  await page.getByLabel("Tags").fill("lecture 2, lab");
  await page.getByLabel("Notes").fill("# Why\nFirst.");
  await page.getByRole("button", { name: "Save" }).click();
  await title(page, "Teleportation");
  await page.getByRole("button", { name: "New circuit" }).click();
  await page.getByRole("link", { name: "Open Circuit 1" }).waitFor();
  const address = page.url();

  // The lab writes the next version of the same circuit, also after it was loaded again.
  await page.getByRole("link", { name: "Open Circuit 1" }).click();
  await until("the circuit is open", async () => (await programText(page)).includes("qubit[2] q;"));
  await typeProgram(page, BELL);
  await page.keyboard.press("Control+s");
  await said(page, "Saved as version 4");
  await page.reload();
  await typeProgram(page, `${BELL}z q[0];\n`);
  await page.keyboard.press("Control+s");
  await said(page, "Saved as version 5");

  // Versions: a name, what changed, back to an old one.
  await page.goto(`${address}/versions`);
  await page.getByRole("button", { name: "What changed: version 5" }).click();
  await page.locator(".diff-in", { hasText: "z q[0];" }).waitFor();
  await look(page, "diff");
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Name: version 4" }).click();
  await page.getByLabel("Name of the version").fill("handed in");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("handed in").waitFor();
  await page.getByRole("button", { name: "Restore: version 4" }).click();
  await yes(page, "Restore");
  await page.getByText("Version 6 ·").first().waitFor();
  await look(page, "versions");
  await page.getByRole("navigation", { name: "Parts of this page" }).getByRole("link", { name: "Runs" }).click();
  await page.getByText("No runs yet").waitFor();
  await look(page, "runs");

  // Bob edits by name.
  const bob = await another(browser, problems);
  await signUp(bob, server, "bob@example.org", "Bob");
  await bob.getByText("No projects yet").waitFor();
  await bob.goto(`${server.url}/account`);
  const id = await bob.getByLabel("Your id").inputValue();
  await page.goto(`${address}/sharing`);
  await page.getByLabel("Id of a person").fill(id);
  await page.getByRole("button", { name: "Add", exact: true }).click();
  await page.getByLabel(/^What Person .* may do$/).selectOption("edit");
  await page.getByRole("button", { name: "Save sharing" }).click();
  await said(page, "The sharing is saved");
  await look(page, "sharing");
  await bob.goto(`${server.url}/projects/shared`);
  await bob.getByRole("link", { name: "Teleportation" }).click();
  await title(bob, "Teleportation");
  await page.goto(address);
  await title(page, "Teleportation");

  // Both save the notes: both are kept, and it is said.
  await bob.getByLabel("Notes").fill("Bob's.");
  await bob.getByRole("button", { name: "Save" }).click();
  await said(bob, "Saved");
  await page.getByLabel("Notes").fill("Ada's.");
  await page.getByRole("button", { name: "Save" }).click();
  await said(page, "Both are kept");
  expected(problems, 412);
  await until("both notes", async () => (await page.getByLabel("Notes").inputValue()) === "Bob's.\n\n---\n\nAda's.");

  // By link, for a stranger, who copies it.
  await page.goto(`${address}/sharing`);
  await page.getByLabel("By link").check();
  await page.getByLabel("What they may do").selectOption("copy");
  await page.getByRole("button", { name: "Save sharing" }).click();
  const link = await page.getByLabel("Link", { exact: true }).inputValue();
  const stranger = await another(browser, problems);
  await stranger.goto(link);
  await title(stranger, "Teleportation");
  await look(stranger, "shared");
  await stranger.getByRole("button", { name: "Make a copy" }).click();
  await title(stranger, "Copy of Teleportation");
  await stranger.getByText(/A copy of version/).waitFor();

  // Trash and back; search and tags.
  await page.goto(`${server.url}/projects`);
  await page.getByRole("button", { name: "lecture 2" }).click();
  await page.getByRole("button", { name: "Without the tag lecture 2" }).waitFor();
  await page.getByLabel("Search in names and tags").fill("nothing like it");
  await page.getByText("Nothing fits this search.").waitFor();
  await page.getByLabel("Search in names and tags").fill("telep");
  await page.getByRole("button", { name: "Move Teleportation to the trash" }).click();
  await page.getByRole("link", { name: "Trash" }).click();
  await page.getByText("After 30 days").waitFor();
  await look(page, "trash");
  await page.getByRole("button", { name: "Restore" }).click();
  await page.getByText("The trash is empty").waitFor();
});

journey("a learner joins a course by its code, and the roster goes out and in", { timeout: 240_000 }, async ({ page, server, browser, problems }) => {
  await signUp(page, server, "ada@example.org", "Ada");
  await page.getByText("No projects yet").waitFor();
  execFileSync(variable("KETLAB_BIN"), ["admin", "role", "ada@example.org", "author", "--data", server.data]);
  await page.goto(`${server.url}/groups`);
  await page.getByText("You are in no group").waitFor();
  await look(page, "groups-empty");
  await page.getByRole("button", { name: "New group" }).click();
  await page.getByLabel("Name", { exact: true }).fill("Quantum 101");
  await page.getByRole("button", { name: "Create group" }).click();
  await title(page, "Quantum 101");
  await page.getByRole("button", { name: "Make a code" }).click();
  const link = await page.getByLabel("Link to join").inputValue();

  const learner = await another(browser, problems);
  await learner.goto(link);
  await title(learner, "Join a group");
  await look(learner, "join");
  await learner.getByLabel("Your name").fill("Bob B.");
  await learner.getByRole("button", { name: "Join" }).click();
  await title(learner, "Quantum 101");
  await learner.getByText(/Others see you as \w+ \d{4}/).waitFor();
  await look(learner, "group-member");
  await learner.goto(`${server.url}/join#WRONGCODE`);
  await learner.getByRole("button", { name: "Join" }).click();
  await learner.getByText("No group has this code").waitFor();
  expected(problems, 404);

  await page.reload();
  await page.getByLabel(/^Label of/).nth(1).waitFor();
  await look(page, "group");
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "Download CSV" }).click()]);
  const roster = await readFile(await download.path(), "utf8");
  assert.match(roster, /"Bob B."/);
  const changed = roster.replace("\"Bob B.\"", "\"Bob, seat 7\"");
  await page.locator("input[type=file]").setInputFiles({ name: "roster.csv", mimeType: "text/csv", buffer: Buffer.from(changed) });
  await page.getByText("Changed members: 1").waitFor();
  await until("the label is there", async () => (await page.getByLabel(/^Label of/).evaluateAll((all) => all.map((one) => one.value))).includes("Bob, seat 7"));

  // Sharing with the group.
  await page.goto(`${server.url}/projects`);
  await page.getByRole("button", { name: "New project" }).click();
  await title(page, "New project");
  await page.goto(`${page.url()}/sharing`);
  await page.getByLabel("Add a group").selectOption({ label: "Quantum 101" });
  await page.getByRole("button", { name: "Save sharing" }).click();
  await said(page, "The sharing is saved");
  await learner.goto(`${server.url}/projects/shared`);
  await learner.getByRole("link", { name: "New project" }).waitFor();
});

journey("an administrator suspends a user, and the audit tells", { timeout: 240_000 }, async ({ page, server, browser, problems }) => {
  await signUp(page, server, "root@example.org", "Root");
  await page.getByText("No projects yet").waitFor();
  execFileSync(variable("KETLAB_BIN"), ["admin", "role", "root@example.org", "admin", "--data", server.data]);
  const eve = await another(browser, problems);
  await signUp(eve, server, "eve@example.org", "Eve");
  await eve.getByText("No projects yet").waitFor();
  // What one may do follows from the role when signing in again.
  await signIn(page, server, "root@example.org");
  await title(page, "Projects");
  await page.getByRole("link", { name: "Administration" }).click();
  await title(page, "Administration");
  await page.getByRole("link", { name: "eve@example.org" }).waitFor();
  await look(page, "admin-users");
  await page.getByRole("link", { name: "eve@example.org" }).click();
  await page.getByRole("button", { name: "Suspend" }).waitFor();
  await look(page, "admin-user");
  await page.getByRole("button", { name: "Suspend" }).click();
  await yes(page, "Suspend");
  await page.getByRole("button", { name: "Lift the suspension" }).waitFor();
  await signIn(eve, server, "eve@example.org");
  await eve.getByText("This account is suspended").waitFor();
  expected(problems, 403);
  await page.getByRole("navigation", { name: "Parts of this page" }).getByRole("link", { name: "Audit" }).click();
  await page.getByText("admin.change").first().waitFor();
  await look(page, "admin-audit");
  await page.getByRole("navigation", { name: "Parts of this page" }).getByRole("link", { name: "Figures" }).click();
  await page.getByText("sqlite").waitFor();
  await look(page, "admin-health");
  await page.goto(`${server.url}/privacy`);
  await title(page, "Privacy");
  await look(page, "privacy");
});
