// Checks a certificate in the browser: nothing leaves this page, and nothing but the file and the keys below is asked.
"use strict";
(() => {
  const TRUST = JSON.parse(document.getElementById("trust").textContent);
  const zh = () => document.documentElement.lang.startsWith("zh");
  const words = (chinese, english) => (zh() ? chinese : english);
  const bytesOf = (text) => new TextEncoder().encode(text);
  const hex = (bytes) => Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
  const fromHex = (text) => Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
  const same = (a, b) => a.length === b.length && a.every((value, at) => value === b[at]);
  const sha256 = async (bytes) => new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  const joined = (...parts) => {
    const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) { whole.set(part, at); at += part.length; }
    return whole;
  };

  // A failure with what to tell in both languages; anything else that goes wrong means a damaged file.
  class Wrong extends Error {
    constructor(chinese, english) { super(english); this.said = [chinese, english]; }
  }
  const must = (holds, chinese, english) => { if (!holds) throw new Wrong(chinese, english); };

  const base64 = (text) => {
    const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
    must(btoa(String.fromCharCode(...bytes)) === text, "Base64 写法不规范", "a second spelling of Base64");
    return bytes;
  };

  // --- DER, as strictly as a signature needs: lengths in their shortest form, nothing left over ---
  const element = (bytes, at = 0) => {
    const tag = bytes[at];
    let length = bytes[at + 1], start = at + 2;
    if (length > 127) {
      const count = length & 127;
      length = 0;
      for (let i = 0; i < count; i++) length = length * 256 + bytes[start + i];
      start += count;
      must(count > 0 && count < 5 && length > 127 && bytes[at + 2] !== 0, "签名编码不规范", "the signature is not in DER");
    }
    must(start + length <= bytes.length, "签名不完整", "the signature is cut off");
    return { tag, content: bytes.subarray(start, start + length), whole: bytes.subarray(at, start + length) };
  };
  const parts = (node) => {
    const found = [];
    for (let at = 0; at < node.content.length;) {
      const next = element(node.content, at);
      found.push(next);
      at += next.whole.length;
    }
    return found;
  };
  const OID = {
    signedData: "06092a864886f70d010702", data: "06092a864886f70d010701", sha256: "0609608648016503040201",
    rsa256: "06092a864886f70d01010b", rsa384: "06092a864886f70d01010c", rsa512: "06092a864886f70d01010d",
    messageDigest: "06092a864886f70d010904",
    certificateV2: "060b2a864886f70d010910022f", stamp: "060b2a864886f70d010910020e",
    commonName: "0603550403",
  };
  const is = (node, oid) => hex(node.whole) === oid;

  const certificate = (node) => {
    const [body, algorithm, signature] = parts(node);
    const fields = parts(body);
    const shift = fields[0].tag === 0xa0 ? 1 : 0;
    const [serial, inner, issuer, validity, subject, key] = fields.slice(shift);
    must(same(inner.whole, algorithm.whole), "证书已损坏", "the certificate is damaged");
    return { whole: node.whole, body: body.whole, algorithm, signature: signature.content.subarray(1), serial, issuer, validity, subject, key };
  };
  const moment = (node) => {
    const text = new TextDecoder().decode(node.content);
    const full = node.tag === 0x17 ? (Number(text.slice(0, 2)) < 50 ? "20" : "19") + text : text;
    return Date.UTC(full.slice(0, 4), full.slice(4, 6) - 1, full.slice(6, 8), full.slice(8, 10), full.slice(10, 12), full.slice(12, 14));
  };
  const nameOf = (subject) => {
    for (const set of parts(subject)) {
      const [type, value] = parts(parts(set)[0]);
      if (is(type, OID.commonName)) return new TextDecoder().decode(value.content);
    }
    return "?";
  };
  const rsaHolds = async (spki, algorithm, signature, message) => {
    const hash = { [OID.rsa256]: "SHA-256", [OID.rsa384]: "SHA-384", [OID.rsa512]: "SHA-512" }[hex(parts(algorithm)[0].whole)];
    must(hash, "本页面只支持 RSA 签名，请用命令行核验", "this page knows RSA signatures only: use the command line");
    const key = await crypto.subtle.importKey("spki", spki, { name: "RSASSA-PKCS1-v1_5", hash }, false, ["verify"]);
    return crypto.subtle.verify("RSASSA-PKCS1-v1_5", key, signature, message);
  };

  // --- the file and its signature ---
  const signedParts = (pdf) => {
    const text = new TextDecoder("latin1").decode(pdf);
    const ranges = [...text.matchAll(/\/ByteRange ?\[ ?(\d{1,10}) (\d{1,10}) (\d{1,10}) (\d{1,10}) *\]/g)];
    must(text.startsWith("%PDF-"), "这不是 PDF 文件", "this is no PDF");
    must(ranges.length === 1, "文件没有（唯一的）数字签名", "the file has not one signature");
    const [start, length, second, rest] = ranges[0].slice(1).map(Number);
    must(start === 0 && second + rest === pdf.length && length < second, "签名没有覆盖整个文件", "the signature does not cover the whole file");
    const gap = text.slice(length, second);
    must(/^<([0-9A-F]{2})+>$/.test(gap), "签名已损坏", "the signature is damaged");
    return { text, signed: joined(pdf.subarray(0, length), pdf.subarray(second)), signature: fromHex(gap.slice(1, -1)) };
  };

  const checkSignature = async (signed, padded) => {
    const outer = element(padded);
    must(padded.subarray(outer.whole.length).every((b) => b === 0), "签名已损坏", "the signature is damaged");
    const [type, wrapped] = parts(outer);
    const data = parts(parts(wrapped)[0]);
    must(is(type, OID.signedData) && data.length === 5, "签名格式不符", "the signature has another form");
    const [version, digests, content, certificates, infos] = data;
    must(hex(version.whole) === "020101" && is(parts(content)[0], OID.data) && parts(content).length === 1, "签名格式不符", "the signature has another form");
    must(certificates.tag === 0xa0 && parts(infos).length === 1 && parts(digests).length === 1, "签名格式不符", "the signature has another form");
    const [infoVersion, sid, digestAlgorithm, attributes, algorithm, signature, ...unsigned] = parts(parts(infos)[0]);
    must(hex(infoVersion.whole) === "020101" && attributes.tag === 0xa0, "签名格式不符", "the signature has another form");
    must(is(parts(digestAlgorithm)[0], OID.sha256) && same(parts(digests)[0].whole, digestAlgorithm.whole), "签名格式不符", "the signature has another form");
    must(unsigned.length <= 1 && unsigned.every((each) => parts(each).length === 1 && is(parts(parts(each)[0])[0], OID.stamp)), "签名格式不符", "the signature has another form");
    const attribute = (oid) => {
      const found = parts(attributes).filter((each) => is(parts(each)[0], oid));
      must(found.length === 1, "签名格式不符", "the signature has another form");
      return parts(parts(found[0])[1])[0];
    };
    must(same(attribute(OID.messageDigest).content, await sha256(signed)), "文件在签名之后被改动过", "the file was changed after it was signed");
    const named = parts(parts(parts(attribute(OID.certificateV2))[0])[0])[0];
    let signer = null;
    for (const each of parts(certificates)) {
      const candidate = certificate(each);
      if (same(await sha256(each.whole), named.content)) signer = candidate;
    }
    must(signer, "找不到签名证书", "the signer's certificate is missing");
    const [issuer, serial] = parts(sid);
    must(same(issuer.whole, signer.issuer.whole) && same(serial.whole, signer.serial.whole), "签名证书不符", "the signature names another certificate");
    const message = joined(Uint8Array.of(0x31), attributes.whole.subarray(1));
    must(await rsaHolds(signer.key.whole, algorithm, signature.content, message), "签名无效", "the signature does not hold");
    return signer;
  };

  // The time of the signer's own clock, which is among what is signed.
  const signedAt = (text) => {
    const found = [...text.matchAll(/\/M ?\(D(?::|\\072)(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:Z|([+-])(\d\d)(?:'|\\047)(\d\d))?/g)].pop();
    must(found, "签名没有时间", "the signature has no time");
    const [, year, month, day, hour, minute, second, sign, hours, minutes] = found;
    const shift = sign ? (sign === "-" ? 1 : -1) * (Number(hours) * 60 + Number(minutes)) * 60000 : 0;
    return Date.UTC(year, month - 1, day, hour, minute, second) + shift;
  };

  const isVouchedFor = async (signer, at, pem) => {
    for (const block of pem.matchAll(/-----BEGIN CERTIFICATE-----([\s\S]+?)-----END CERTIFICATE-----/g)) {
      const root = certificate(element(base64(block[1].replace(/\s/g, ""))));
      const [from, until] = parts(signer.validity).map(moment);
      if (same(root.subject.whole, signer.issuer.whole) && from <= at && at <= until
        && await rsaHolds(root.key.whole, signer.algorithm, signer.signature, signer.body)) return true;
    }
    return false;
  };

  const inflated = async (bytes) => new Uint8Array(await new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"))).arrayBuffer());
  const enclosed = async (pdf, text) => {
    const found = [];
    for (const match of text.matchAll(/<<\/Type \/EmbeddedFile[\s\S]{1,400}?\/Length (\d+)>>\r?\nstream\r?\n/g)) {
      const start = match.index + match[0].length;
      const packed = pdf.subarray(start, start + Number(match[1]));
      found.push(match[0].includes("/FlateDecode") ? await inflated(packed) : packed);
    }
    const isProof = (bytes) => new TextDecoder().decode(bytes.subarray(0, 22)) === "c2sp.org/tlog-proof@v1";
    must(found.length === 2 && found.filter(isProof).length === 1, "文件中没有附带数据及其证明", "the file encloses no facts with their proof");
    return { facts: found.find((each) => !isProof(each)), proof: new TextDecoder().decode(found.find(isProof)) };
  };

  // --- the log ---
  const canonical = (value) => {
    if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
    if (value && typeof value === "object") return `{${Object.keys(value).sort().map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join(",")}}`;
    return JSON.stringify(value);
  };
  const readVkey = async (text) => {
    const [name, id, ...rest] = text.trim().split("+");
    const raw = base64(rest.join("+"));
    const expected = await sha256(joined(bytesOf(`${name}\n`), raw));
    must(raw.length === 33 && raw[0] === 1 && hex(expected.subarray(0, 4)) === id, "日志公钥无效", "this is no key of a log");
    return { name, id, raw: raw.subarray(1) };
  };
  const readRing = async (text) => {
    const lines = text.trim().split("\n\n")[0].split("\n").filter((line) => /\+[0-9a-f]{8}\+/.test(line));
    must(lines.length > 0, "缺少日志公钥", "the key of the log is missing");
    return Promise.all(lines.map(async (line) => {
      const [vkey, first = "0", last = "-"] = line.split(" ");
      return { ...(await readVkey(vkey)), first: Number(first), last: last === "-" ? Infinity : Number(last) };
    }));
  };
  const ed25519Holds = async (raw, signature, message) => {
    let key;
    try {
      key = await crypto.subtle.importKey("raw", raw, { name: "Ed25519" }, false, ["verify"]);
    } catch (error) {
      throw new Wrong("此浏览器不支持 Ed25519，请更新浏览器或使用命令行", "this browser knows no Ed25519: use a newer one, or the command line");
    }
    return crypto.subtle.verify({ name: "Ed25519" }, key, signature, message);
  };
  const readNote = (written) => {
    const at = written.lastIndexOf("\n\n");
    const signatures = written.slice(at + 2).split("\n");
    must(at > 0 && signatures.pop() === "" && signatures.length > 0, "日志检查点已损坏", "the checkpoint is damaged");
    return {
      text: written.slice(0, at + 1),
      signatures: signatures.map((line) => {
        const found = /^— (\S+) (\S+)$/.exec(line);
        must(found, "日志检查点已损坏", "the checkpoint is damaged");
        const raw = base64(found[2]);
        return { name: found[1], id: hex(raw.subarray(0, 4)), bytes: raw.subarray(4) };
      }),
    };
  };
  const openNote = async (note, ring, origin, size) => {
    const keys = ring.filter((key) => key.name === origin && key.first <= size && size <= key.last);
    let held = 0;
    for (const signature of note.signatures) {
      const key = keys.find((each) => each.name === signature.name && each.id === signature.id);
      if (!key) continue;
      must(await ed25519Holds(key.raw, signature.bytes, bytesOf(note.text)), "日志签名无效", "the log's signature does not hold");
      held += 1;
    }
    must(held > 0, "不是由所信任的日志公钥签署", "no trusted key of the log has signed this");
  };
  const readCheckpoint = (written) => {
    const note = readNote(written);
    const lines = note.text.split("\n");
    must(lines.length === 4 && /^(0|[1-9]\d{0,15})$/.test(lines[1]), "日志检查点已损坏", "the checkpoint is damaged");
    return { note, origin: lines[0], size: Number(lines[1]), root: base64(lines[2]) };
  };
  const split = (count) => { let power = 1; while (power * 2 < count) power *= 2; return power; };
  const siblings = (index, size) => {
    const found = [];
    for (let start = 0, end = size; end - start > 1;) {
      const middle = start + split(end - start);
      found.unshift(index < middle ? "right" : "left");
      if (index < middle) end = middle; else start = middle;
    }
    return found;
  };
  const checkProof = async (text, facts) => {
    const at = text.indexOf("\n\n");
    const [first, extra, index, ...hashes] = text.slice(0, at).split("\n");
    must(first === "c2sp.org/tlog-proof@v1" && extra.startsWith("extra ") && /^index (0|[1-9]\d{0,15})$/.test(index), "证明已损坏", "the proof is damaged");
    const entry = base64(extra.slice(6));
    const place = Number(index.slice(6));
    const said = JSON.parse(new TextDecoder().decode(entry));
    const values = JSON.parse(new TextDecoder().decode(facts));
    must(same(bytesOf(canonical(values)), facts), "附带数据格式不符", "the facts are not in canonical form");
    const kind = "number" in values ? "certificate.intended" : "report.intended";
    must(said.kind === kind && said.subject === `certificate/${values.number ?? values.certificate_number}` && said.digest === hex(await sha256(facts)),
      "日志记录对应的是另一份数据", "the log's entry speaks of other facts");
    const checkpoint = readCheckpoint(text.slice(at + 2));
    const sides = siblings(place, checkpoint.size);
    must(place < checkpoint.size && sides.length === hashes.length, "证明不成立", "the proof does not hold");
    let digest = await sha256(joined(Uint8Array.of(0), entry));
    for (let i = 0; i < sides.length; i++) {
      const sibling = base64(hashes[i]);
      digest = await sha256(joined(Uint8Array.of(1), ...(sides[i] === "right" ? [digest, sibling] : [sibling, digest])));
    }
    must(same(digest, checkpoint.root), "证明不成立", "the proof leads to another root");
    return { values, place, checkpoint };
  };

  const checkRevocations = async (written, ring, number) => {
    const note = readNote(written);
    const lines = note.text.split("\n").slice(0, -1);
    must(lines.length >= 3 && lines[0].endsWith("/revocations") && /^\d+$/.test(lines[1]), "这不是撤销清单", "this is no list of revocations");
    await openNote(note, ring, lines[0].replace(/\/revocations$/, ""), Number(lines[1]));
    const ended = lines.slice(3).map((line) => line.split(" ")).find((line) => line[0] === number);
    if (ended) {
      const isRevoked = ended[1] === "revoked";
      throw new Wrong(`证书 ${number} 已于 ${ended[2]} ${isRevoked ? "撤销" : "被取代"}`, `${number} was ${ended[1]} on ${ended[2]}`);
    }
    return [`截至 ${lines[2]}，${number} 未被撤销或取代`, `as of ${lines[2]}, ${number} was neither revoked nor superseded`];
  };

  // --- the QR code's statement ---
  const PURPOSE = "zero-carbon alliance portal: statement of a certificate, version 1";
  const checkStatement = async (scanned, ring) => {
    const digits = scanned.trim().split("#").pop();
    must(/^[1-9]\d{100,999}$/.test(digits), "二维码内容中没有签名声明", "there is no signed statement in this text");
    let text = BigInt(digits).toString(16);
    const packed = fromHex(text.length % 2 ? `0${text}` : text);
    must(packed[0] === 1 && packed.length > 85, "声明版本不符", "this is no statement of version 1");
    const id = hex(packed.subarray(1, 5)), digest = hex(packed.subarray(5, 21));
    const said = new TextDecoder("utf-8", { fatal: true }).decode(packed.subarray(21, -64));
    const key = ring.find((each) => each.id === id);
    must(key, "不是由所信任的日志公钥签署", "no trusted key of the log has signed this");
    must(await ed25519Holds(key.raw, packed.subarray(-64), bytesOf(`${PURPOSE}\n${key.name}\n${digest}\n${said}`)), "声明的签名无效", "the signature does not belong to this statement");
    return said.split("\n");
  };

  // --- the page ---
  const results = document.getElementById("results");
  const NAMES = {
    bytes: ["文件", "Bytes"], signature: ["签名", "Signature"], facts: ["数据", "Facts"], inclusion: ["日志收录", "In the log"],
    checkpoint: ["日志检查点", "Checkpoint"], revocations: ["撤销清单", "Revocations"], validity: ["有效期", "Validity"], statement: ["声明", "Statement"],
  };
  const MARKS = { holds: ["成立", "holds"], fails: ["不成立", "fails"], open: ["无法判断", "can't tell"], skipped: ["未核对", "not checked"] };
  const show = (found, details) => {
    const verdicts = found.map((each) => each.verdict);
    const end = verdicts.includes("fails") ? "fails" : verdicts.includes("open") ? "open" : "holds";
    const heading = document.createElement("h2");
    heading.className = end;
    heading.textContent = { holds: words("有效：这份文件是真实的", "Valid: this document is genuine"), fails: words("无效", "Not valid"), open: words("无法判断", "Can't tell") }[end];
    const list = document.createElement("ul");
    for (const each of found) {
      const line = document.createElement("li");
      line.className = each.verdict;
      const mark = document.createElement("strong");
      mark.textContent = `${words(...NAMES[each.subject])}${words("：", ": ")}${words(...MARKS[each.verdict])}`;
      line.append(mark, ` ${words(...each.said)}`);
      list.append(line);
    }
    const facts = document.createElement("dl");
    for (const [name, value] of details) {
      const term = document.createElement("dt"), text = document.createElement("dd");
      term.textContent = name;
      text.textContent = value;
      facts.append(term, text);
    }
    results.replaceChildren(heading, list, facts);
    results.dataset.verdict = end;
    results.focus();
  };
  const told = (subject, error) => ({ subject, verdict: "fails", said: error instanceof Wrong ? error.said : ["文件已损坏", `it is damaged (${error.message})`] });
  const inputText = async (id) => {
    const file = document.getElementById(id).files[0];
    return file ? new TextDecoder().decode(await file.arrayBuffer()) : "";
  };

  const checkFile = async (file) => {
    const found = [];
    const details = [];
    let subject = "bytes";
    const holds = (...said) => found.push({ subject, verdict: "holds", said });
    try {
      const pdf = new Uint8Array(await file.arrayBuffer());
      const { text, signed, signature } = signedParts(pdf);
      const signer = await checkSignature(signed, signature);
      const at = signedAt(text);
      holds("自签名以来每个字节都没有改动", "every byte is as it was when it was signed");
      subject = "signature";
      const ca = document.getElementById("ca").value;
      const who = [`由 ${nameOf(signer.subject)} 于 ${new Date(at).toISOString().slice(0, 16)}Z 签署`, `signed by ${nameOf(signer.subject)} on ${new Date(at).toISOString().slice(0, 16)}Z`];
      if (!ca.trim()) {
        found.push({ subject, verdict: "open", said: [`${who[0]}；未提供 CA 证书，无法确认签署人`, `${who[1]}; without the CA's certificate nobody can say who that is`] });
      } else {
        must(await isVouchedFor(signer, at, ca), `${who[0]}，但所给 CA 不为其担保`, `${who[1]}, whom the given CA doesn't vouch for`);
        holds(`${who[0]}，CA 证书可信`, `${who[1]}, vouched for by the given CA`);
      }
      subject = "facts";
      const { facts, proof } = await enclosed(pdf, text);
      holds(`SHA-256 ${hex(await sha256(facts))}`, `SHA-256 ${hex(await sha256(facts))}`);
      subject = "inclusion";
      const { values, place, checkpoint } = await checkProof(proof, facts);
      holds(`${checkpoint.origin} 前 ${checkpoint.size} 条记录中的第 ${place} 条`, `entry ${place} of the first ${checkpoint.size} of ${checkpoint.origin}`);
      subject = "checkpoint";
      const keys = document.getElementById("log-key").value;
      const ring = keys.trim() ? await readRing(keys) : [];
      if (ring.length) {
        await openNote(checkpoint.note, ring, checkpoint.origin, checkpoint.size);
        holds("由所信任的日志公钥签署", "signed by the trusted key of the log");
      } else {
        found.push({ subject, verdict: "open", said: ["未提供日志公钥", "the key of the log is missing"] });
      }
      subject = "revocations";
      const number = values.number ?? values.certificate_number;
      const list = await inputText("revocations");
      if (list) holds(...(await checkRevocations(list, ring, number)));
      else found.push({ subject, verdict: "skipped", said: ["未提供撤销清单，无法得知此后是否撤销", "no list was given: whether it ended since is not known"] });
      for (const name of ["number", "certificate_number", "member_code", "year", "issued_on", "valid_until"]) if (name in values) details.push([name, String(values[name])]);
      if ("valid_until" in values) {
        subject = "validity";
        must(new Date().toISOString().slice(0, 10) <= values.valid_until, `已于 ${values.valid_until} 到期`, `it ran out on ${values.valid_until}`);
        holds(`至 ${values.valid_until}`, `until ${values.valid_until}`);
      }
    } catch (error) {
      found.push(told(subject, error));
    }
    show(found, details);
  };

  const checkQr = async (scanned) => {
    try {
      const lines = await checkStatement(scanned, await readRing(document.getElementById("log-key").value));
      const names = [["证书编号", "Number"], ["类别", "Kind"], ["年度", "Year"], ["成员", "Member"], ["结果", "Result"], ["有效期至", "Valid until"]];
      show([{ subject: "statement", verdict: "holds", said: ["由日志公钥签署；请与证书上所印内容比对", "signed by the log's key; compare it with what is printed"] }],
        lines.map((line, at) => [words(...names[at]), line]));
    } catch (error) {
      show([told("statement", error)], []);
    }
  };

  document.getElementById("log-key").value = TRUST.keys;
  document.getElementById("ca").value = TRUST.ca;
  document.getElementById("check").addEventListener("submit", (event) => {
    event.preventDefault();
    const file = document.getElementById("file").files[0];
    const scanned = document.getElementById("qr").value;
    if (file) checkFile(file);
    else if (scanned.trim()) checkQr(scanned);
    else show([{ subject: "bytes", verdict: "open", said: ["请选择 PDF 文件，或粘贴二维码内容", "choose a PDF file, or paste what the QR code says"] }], []);
  });
  document.getElementById("language").addEventListener("click", () => {
    document.documentElement.lang = zh() ? "en" : "zh-CN";
    document.title = words("离线核验证书", "Check a certificate off line");
  });
  document.getElementById("works").hidden = true;
})();
