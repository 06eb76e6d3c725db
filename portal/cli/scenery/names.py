"""Real places, invented names: where the demo's members are and what they and their people are called."""

from __future__ import annotations

from typing import NamedTuple


class City(NamedTuple):
    """A city with its province (ISO 3166-2) and the six digits of its region in credit codes."""

    zh: str
    en: str
    province: str
    region: str


CITIES = (
    City("呼和浩特", "Hohhot", "CN-NM", "150105"),
    City("包头", "Baotou", "CN-NM", "150203"),
    City("通辽", "Tongliao", "CN-NM", "150502"),
    City("巴彦淖尔", "Bayannur", "CN-NM", "150802"),
    City("乌兰察布", "Ulanqab", "CN-NM", "150902"),
    City("石家庄", "Shijiazhuang", "CN-HE", "130102"),
    City("唐山", "Tangshan", "CN-HE", "130202"),
    City("张家口", "Zhangjiakou", "CN-HE", "130702"),
    City("太原", "Taiyuan", "CN-SX", "140105"),
    City("沈阳", "Shenyang", "CN-LN", "210102"),
    City("长春", "Changchun", "CN-JL", "220102"),
    City("哈尔滨", "Harbin", "CN-HL", "230102"),
    City("齐齐哈尔", "Qiqihar", "CN-HL", "230202"),
    City("大庆", "Daqing", "CN-HL", "230602"),
    City("上海", "Shanghai", "CN-SH", "310115"),
    City("南京", "Nanjing", "CN-JS", "320106"),
    City("苏州", "Suzhou", "CN-JS", "320506"),
    City("徐州", "Xuzhou", "CN-JS", "320302"),
    City("杭州", "Hangzhou", "CN-ZJ", "330106"),
    City("宁波", "Ningbo", "CN-ZJ", "330205"),
    City("合肥", "Hefei", "CN-AH", "340102"),
    City("厦门", "Xiamen", "CN-FJ", "350203"),
    City("济南", "Jinan", "CN-SD", "370102"),
    City("青岛", "Qingdao", "CN-SD", "370202"),
    City("泰安", "Tai'an", "CN-SD", "370902"),
    City("郑州", "Zhengzhou", "CN-HA", "410105"),
    City("焦作", "Jiaozuo", "CN-HA", "410802"),
    City("武汉", "Wuhan", "CN-HB", "420102"),
    City("长沙", "Changsha", "CN-HN", "430102"),
    City("广州", "Guangzhou", "CN-GD", "440106"),
    City("佛山", "Foshan", "CN-GD", "440604"),
    City("成都", "Chengdu", "CN-SC", "510104"),
    City("昆明", "Kunming", "CN-YN", "530102"),
    City("西安", "Xi'an", "CN-SN", "610102"),
    City("兰州", "Lanzhou", "CN-GS", "620102"),
    City("张掖", "Zhangye", "CN-GS", "620702"),
    City("银川", "Yinchuan", "CN-NX", "640104"),
    City("吴忠", "Wuzhong", "CN-NX", "640302"),
    City("昌吉", "Changji", "CN-XJ", "652301"),
    City("石河子", "Shihezi", "CN-XJ", "659001"),
)

BRANDS = (
    ("丰原", "Fengyuan"), ("恒达", "Hengda"), ("绿野", "Lüye"), ("金牧", "Jinmu"), ("瑞泽", "Ruize"),
    ("华信", "Huaxin"), ("天河", "Tianhe"), ("永盛", "Yongsheng"), ("鑫茂", "Xinmao"), ("青禾", "Qinghe"),
    ("草原情", "Caoyuanqing"), ("蓝海", "Lanhai"), ("东方", "Dongfang"), ("嘉禾", "Jiahe"), ("宏图", "Hongtu"),
    ("康源", "Kangyuan"), ("明辉", "Minghui"), ("新源", "Xinyuan"), ("百川", "Baichuan"), ("众诚", "Zhongcheng"),
    ("北辰", "Beichen"), ("云岭", "Yunling"), ("玉泉", "Yuquan"), ("长青", "Changqing"), ("远航", "Yuanhang"),
    ("雪峰", "Xuefeng"), ("大成", "Dacheng"), ("三和", "Sanhe"), ("星宇", "Xingyu"), ("佳美", "Jiamei"),
    ("正阳", "Zhengyang"), ("广源", "Guangyuan"), ("润泽", "Runze"), ("祥和", "Xianghe"), ("聚能", "Juneng"),
    ("安达", "Anda"), ("田园", "Tianyuan"), ("春晖", "Chunhui"), ("凯旋", "Kaixuan"), ("顺通", "Shuntong"),
)  # fmt: skip

TRADES = {
    "dairy_farm": (("牧业有限公司", "Dairy Farm Co., Ltd."), ("奶牛养殖专业合作社", "Dairy Cooperative")),
    "processing_plant": (("乳品有限公司", "Dairy Products Co., Ltd."), ("食品有限公司", "Foods Co., Ltd.")),
    "packaging": (("包装有限公司", "Packaging Co., Ltd."), ("塑业有限公司", "Plastics Co., Ltd.")),
    "ingredients": (("食品配料有限公司", "Ingredients Co., Ltd."), ("生物科技有限公司", "Biotech Co., Ltd.")),
    "haulier": (("物流有限公司", "Logistics Co., Ltd."), ("冷链运输有限公司", "Cold Chain Co., Ltd.")),
    "cold_store": (("冷链仓储有限公司", "Cold Storage Co., Ltd."), ("仓储有限公司", "Warehousing Co., Ltd.")),
    "feed_mill": (("饲料有限公司", "Feed Co., Ltd."), ("农牧科技有限公司", "Agri-Tech Co., Ltd.")),
    "equipment": (("设备有限公司", "Equipment Co., Ltd."), ("机电有限公司", "Machinery Co., Ltd.")),
}  # fmt: skip

SURNAMES = (
    ("王", "Wang"), ("李", "Li"), ("张", "Zhang"), ("刘", "Liu"), ("陈", "Chen"), ("杨", "Yang"), ("赵", "Zhao"),
    ("黄", "Huang"), ("周", "Zhou"), ("吴", "Wu"), ("徐", "Xu"), ("孙", "Sun"), ("胡", "Hu"), ("朱", "Zhu"),
    ("高", "Gao"), ("林", "Lin"), ("何", "He"), ("郭", "Guo"), ("马", "Ma"), ("罗", "Luo"),
)  # fmt: skip
GIVEN_NAMES = (
    ("伟", "Wei"), ("芳", "Fang"), ("娜", "Na"), ("敏", "Min"), ("静", "Jing"), ("丽", "Li"), ("强", "Qiang"),
    ("磊", "Lei"), ("军", "Jun"), ("洋", "Yang"), ("勇", "Yong"), ("艳", "Yan"), ("杰", "Jie"), ("涛", "Tao"),
    ("明", "Ming"), ("超", "Chao"), ("秀英", "Xiuying"), ("建国", "Jianguo"), ("晓燕", "Xiaoyan"), ("志强", "Zhiqiang"),
)  # fmt: skip

SITE_WORDS = {
    "plant": ("工厂", "plant"),
    "farm": ("牧场", "farm"),
    "warehouse": ("仓库", "warehouse"),
    "fleet": ("车队", "fleet"),
    "office": ("办公楼", "office"),
}
