"""The words of the workbook in both languages; a file keeps its language wherever it is opened."""

from __future__ import annotations

from portal.documents.facts import Name
from portal.domain.workbooks import SheetCode

INSTRUCTIONS = Name("说明", "Instructions")
CATEGORIES = Name("类别说明", "Categories")
PROBLEMS = Name("待修正", "Problems")

SHEETS: dict[SheetCode, Name] = {
    SheetCode.LINES: Name("活动数据", "Activity data"),
    SheetCode.SITES: Name("场所", "Sites"),
    SheetCode.OUTPUTS: Name("产量", "Production"),
    SheetCode.ACTIONS: Name("减排行动", "Actions"),
}

COLUMNS: dict[str, Name] = {
    "lines.key": Name("行标识", "Row key"),
    "lines.category": Name("类别", "Category"),
    "lines.site": Name("场所编码", "Site code"),
    "lines.period": Name("期间", "Period"),
    "lines.quantity": Name("数量", "Quantity"),
    "lines.unit": Name("单位", "Unit"),
    "lines.last_quantity": Name("去年数量", "Last year’s quantity"),
    "lines.last_unit": Name("去年单位", "Last year’s unit"),
    "lines.note": Name("备注", "Note"),
    "lines.origin": Name("行来源", "Origin of the row"),
    "sites.key": Name("行标识", "Row key"),
    "sites.code": Name("场所编码", "Site code"),
    "sites.name": Name("名称", "Name"),
    "sites.country": Name("国家", "Country"),
    "sites.province": Name("省份", "Province"),
    "sites.status": Name("状态", "Status"),
    "outputs.key": Name("行标识", "Row key"),
    "outputs.product": Name("产品", "Product"),
    "outputs.quantity": Name("数量", "Quantity"),
    "outputs.unit": Name("单位", "Unit"),
    "outputs.last_quantity": Name("去年数量", "Last year’s quantity"),
    "outputs.last_unit": Name("去年单位", "Last year’s unit"),
    "actions.key": Name("行标识", "Row key"),
    "actions.name": Name("行动", "Action"),
    "actions.site": Name("场所编码", "Site code"),
    "actions.status": Name("状态", "Status"),
    "actions.start": Name("开始日期", "Start"),
    "actions.saving": Name("年减排量（kg CO₂e）", "Saving a year (kg CO₂e)"),
}

HINTS: dict[str, Name] = {
    "lines.category": Name(
        "从列表中选择。其他类别请先在门户中添加一行。",
        "Choose from the list. For another category add a line in the portal first.",
    ),
    "lines.site": Name("见“场所”工作表。", "See the sheet “Sites”."),
    "lines.period": Name(
        "例如 2025、2025-Q1、2025-03 或 2025-03-01/2025-03-15。",
        "For example 2025, 2025-Q1, 2025-03 or 2025-03-01/2025-03-15.",
    ),
    "lines.quantity": Name(
        "只填数字，单位写在旁边一列。", "The number alone; its unit stands in the next column."
    ),
    "lines.unit": Name(
        "先选类别，列表随之变化。", "Choose the category first: the list follows it."
    ),
    "outputs.quantity": Name("当年产量。", "What was produced in the year."),
}

OFFERED = Name(
    "去年的行：填写数量后才计入", "Last year’s row: it counts once its quantity is filled in"
)
ACTIVE = Name("使用中", "In use")
CLOSED = Name("已关闭", "Closed")

GUIDE_TITLES = (
    Name("类别", "Category"),
    Name("范围", "Scope"),
    Name("可用单位", "Units"),
    Name("还需填写", "Also asks for"),
    Name("说明", "What it is"),
)
PROBLEM_TITLES = (Name("单元格", "Cell"), Name("问题与办法", "What is wrong, and the cure"))

HEADING = Name("年度数据工作簿", "Workbook of a year")
ABOUT = (Name("企业", "Company"), Name("编码", "Code"), Name("年份", "Year"))

HOW_TO = (
    Name(
        "在“活动数据”和“产量”工作表中填写白色单元格，保存后在门户的同一年份页面上传。",
        "Fill in the white cells of the sheets “Activity data” and “Production”, save, and upload the file on the page of the same year.",
    ),
    Name(
        "上传后先显示所有变化，确认后才会写入；期间门户中的改动不会被覆盖。",
        "After the upload you see everything that changes; nothing is kept before you apply it, and what was changed in the portal meanwhile is not overwritten.",
    ),
    Name(
        "新增一行：在最后一行下面填写，“行标识”留空。复制一行也视为新增。",
        "To add a row, write below the last one and leave the row key empty. A copied row counts as a new one.",
    ),
    Name(
        "删除一行：清空该行的白色单元格，上传后确认删除。",
        "To remove a row, empty its white cells; you are asked about it after the upload.",
    ),
    Name(
        "灰色单元格（行标识、去年数值、场所、减排行动）仅供查阅，不会读回。",
        "Grey cells (row keys, last year’s values, sites, actions) are for looking up and are not read back.",
    ),
    Name(
        "场所与减排行动请在门户中修改：场所的地点决定所有年份适用的因子，行动的减排量由其来源重新计算。",
        "Sites and actions are changed in the portal: the place of a site decides the factors of every year, and the saving of an action is worked out from what it acts on.",
    ),
    Name(
        "请不要使用公式、合并单元格和链接；列可以移动，工作表可以改名。",
        "Don’t use formulas, merged cells or links. Columns may be moved and sheets renamed.",
    ),
)
HOW_TO_OFFERED = Name(
    "浅黄色的行来自去年，数量留空：填写数量即可新增该行；未填写的行不会写入。",
    "The pale yellow rows are last year’s, without their quantities: fill in a quantity and the row is added. Rows that you leave as they are are not taken.",
)
NOT_OPEN = Name(
    "该年份已提交或已批准，本工作簿仅供查阅。",
    "This year has been submitted or approved: this workbook is for looking up only.",
)
